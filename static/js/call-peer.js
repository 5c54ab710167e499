// One other page in the call: an RTCPeerConnection with perfect negotiation. The page whose session sorts higher begins and
// stands firm; the other gives way when both want to change something at once (a restart of the search for a way).

/** @typedef {{kind: string, session: string, to?: string, type?: string, sdp?: string, candidate?: string, mid?: string, line?: number}} Signal */

export class Peer {
  /**
   * @param {object} options
   * @param {string} options.me own session
   * @param {string} options.session the other's
   * @param {string} options.actor key of who it is
   * @param {RTCConfiguration} options.config
   * @param {boolean} options.picture whether the call has pictures
   * @param {() => {sound: MediaStreamTrack | null, picture: MediaStreamTrack | null}} options.own
   * @param {(signal: Partial<Signal>) => void} options.send
   * @param {(peer: Peer) => void} options.changed
   */
  constructor({ me, session, actor, config, picture, own, send, changed }) {
    this.session = session;
    this.actor = actor;
    this.polite = me < session;
    this.stream = new MediaStream();
    this.since = Date.now();
    this.making = false;
    this.ignoring = false;
    this.picture = picture;
    this.own = own;
    this.send = (/** @type {Partial<Signal>} */ signal) => send({ to: session, ...signal });
    this.changed = changed;
    /** @type {{camera?: boolean, microphone?: boolean}} */
    this.media = {};
    this.pc = new RTCPeerConnection(config);
    this.pc.onnegotiationneeded = () => void this.offer();
    this.pc.onicecandidate = ({ candidate }) => {
      if (!candidate?.candidate) return;
      this.send({ kind: "candidate", candidate: candidate.candidate, mid: candidate.sdpMid ?? undefined, line: candidate.sdpMLineIndex ?? undefined });
    };
    this.pc.ontrack = ({ track }) => {
      this.stream.addTrack(track);
      this.changed(this);
    };
    this.pc.onconnectionstatechange = () => {
      if (this.connected || this.state === "disconnected") this.since = Date.now();
      if (this.state === "failed") this.pc.restartIce();
      this.changed(this);
    };
  }

  get state() {
    return this.pc.connectionState;
  }

  get connected() {
    return this.state === "connected";
  }

  /** The firm side lays out sound and picture; the other puts its own into what it is offered. */
  begin() {
    if (this.polite) return;
    const { sound, picture } = this.own();
    this.pc.addTransceiver(sound ?? "audio", { direction: "sendrecv" });
    if (this.picture) this.pc.addTransceiver(picture ?? "video", { direction: "sendrecv" });
  }

  async offer() {
    try {
      this.making = true;
      await this.pc.setLocalDescription();
      this.describe();
    } catch {
      this.changed(this); // closed meanwhile
    } finally {
      this.making = false;
    }
  }

  describe() {
    const description = this.pc.localDescription;
    if (description) this.send({ kind: "description", type: description.type, sdp: description.sdp });
  }

  /** @param {Signal} signal */
  async receive(signal) {
    try {
      if (signal.kind === "description") await this.described(/** @type {RTCSessionDescriptionInit} */ ({ type: signal.type, sdp: signal.sdp }));
      else if (signal.kind === "candidate") await this.found(signal);
    } catch {
      this.changed(this); // a stray step of an earlier try; the search begins anew by itself
    }
  }

  /** @param {RTCSessionDescriptionInit} description */
  async described(description) {
    const collision = description.type === "offer" && (this.making || this.pc.signalingState !== "stable");
    this.ignoring = !this.polite && collision;
    if (this.ignoring) return;
    await this.pc.setRemoteDescription(description);
    if (description.type !== "offer") return;
    for (const transceiver of this.pc.getTransceivers()) {
      const { sound, picture } = this.own();
      transceiver.direction = "sendrecv";
      await transceiver.sender.replaceTrack(transceiver.receiver.track.kind === "audio" ? sound : picture);
    }
    await this.pc.setLocalDescription();
    this.describe();
  }

  /** @param {Signal} signal */
  async found(signal) {
    try {
      await this.pc.addIceCandidate({ candidate: signal.candidate, sdpMid: signal.mid ?? null, sdpMLineIndex: signal.line ?? null });
    } catch (error) {
      if (!this.ignoring) throw error;
    }
  }

  /** Another own track, or none: the camera was turned off. @param {"audio" | "video"} kind @param {MediaStreamTrack | null} track */
  replace(kind, track) {
    for (const transceiver of this.pc.getTransceivers()) {
      if (transceiver.receiver.track.kind === kind) void transceiver.sender.replaceTrack(track);
    }
  }

  close() {
    this.pc.onconnectionstatechange = this.pc.onicecandidate = this.pc.onnegotiationneeded = this.pc.ontrack = null;
    this.pc.close();
  }
}
