// Proof of play: written before an item is shown, checkpointed while it shows, sent in batches, and deleted only
// when the server has acknowledged the id. A crash closes a play at its last checkpoint.
import * as records from "./records.js";

const CHECKPOINT_MS = 5000;
const BATCH = 100;

export class Proof {
  constructor({ send, clock }) {
    this.send = send;
    this.clock = clock;
    this.open = null;
    this.waiting = 0;
    this.sending = false;
  }

  /** Closes what a crash left open and takes up the sequence. */
  async start() {
    const left = await records.allPlays();
    this.seq = Math.max((await records.read("seq")) ?? 0, ...left.map((play) => play.seq), 0);
    for (const play of left.filter((each) => each.state === "open")) await records.putPlay({ ...play, state: "closed" });
    this.waiting = left.filter((play) => play.state !== "refused").length;
    setInterval(() => this.checkpoint(), CHECKPOINT_MS);
  }

  /** Writes the record of a play that is about to be shown. */
  async begin(facts) {
    this.seq += 1;
    const at = new Date(this.clock()).toISOString();
    const play = { ...facts, id: records.uuid7(this.clock()), seq: this.seq, started_at: at, ended_at: at,
      complete: false, state: "open" };
    await records.putPlay(play);
    await records.keep("seq", this.seq);
    this.waiting += 1;
    return play;
  }

  /** The play that was begun is on the screen; the one before it is over. */
  async shown(play, planned_end) {
    const at = this.clock();
    await this.end(at);
    this.open = { ...play, started_at: new Date(at).toISOString(), planned_end };
  }

  async checkpoint() {
    if (!this.open) return;
    const { planned_end, ...play } = this.open;
    await records.putPlay({ ...play, ended_at: new Date(this.clock()).toISOString() });
  }

  async end(at = this.clock()) {
    if (!this.open) return;
    const { planned_end, ...play } = this.open;
    this.open = null;
    await records.putPlay({ ...play, ended_at: new Date(Math.max(at, Date.parse(play.started_at))).toISOString(),
      complete: at >= planned_end - 300, state: "closed" });
  }

  /** Takes back a record whose item could not be shown. */
  async cancel(play) {
    await records.dropPlays([play.id]);
    this.waiting -= 1;
  }

  /** Sends closed plays, oldest first, until none is left or the server is away. */
  async flush() {
    if (this.sending) return;
    this.sending = true;
    try {
      for (;;) {
        const closed = (await records.allPlays()).filter((play) => play.state === "closed");
        closed.sort((one, other) => one.seq - other.seq);
        const batch = closed.slice(0, BATCH);
        if (!batch.length) break;
        const receipt = await this.send(batch.map(({ state, ...play }) => play));
        if (!receipt) break;
        await records.dropPlays(receipt.acknowledged);
        this.waiting -= receipt.acknowledged.length;
        // A refused record lies in the server's quarantine; it stays here, but is not sent again.
        for (const play of batch.filter((each) => each.id in receipt.refused)) {
          await records.putPlay({ ...play, state: "refused" });
          this.waiting -= 1;
        }
        if (!receipt.acknowledged.length && !Object.keys(receipt.refused).length) break;
      }
    } finally {
      this.sending = false;
    }
  }
}
