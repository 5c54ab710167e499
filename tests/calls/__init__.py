"""Tests of video and voice."""
