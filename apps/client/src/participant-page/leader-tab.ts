/**
 * One tab at a time takes part in a run: two would be the same device twice. A Web Lock says which; over a broadcast
 * channel it tells the others how it is. (The lock also keeps Chrome's Energy Saver from freezing a hidden tab.)
 */
import { type LeaveReason, leaveSchema } from '@tributary/fl-core';
import * as z from 'zod/mini';

const otherTabSchema = z.strictObject({
  /** As the machine of the participant names it. */
  phase: z.string(),
  roundNumber: z.nullable(z.number()),
  contributions: z.number(),
  /** Of the work that is under way, in [0, 1]. */
  fraction: z.nullable(z.number()),
});
/** How the tab that takes part is. */
export type OtherTab = z.infer<typeof otherTabSchema>;

const messageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('asking') }),
  z.strictObject({ type: z.literal('told'), tab: otherTabSchema }),
  z.strictObject({ type: z.literal('gone') }),
  z.strictObject({ type: z.literal('handOver'), leaving: z.nullable(leaveSchema.shape.reason) }),
]);
type TabMessage = z.infer<typeof messageSchema>;
/** To the tabs of every run: they share one device key, one ledger and one vault. */
const deviceMessageSchema = z.strictObject({ type: z.enum(['ending', 'erased']) });
type DeviceMessage = z.infer<typeof deviceMessageSchema>;

export interface LeaderTab {
  /**
   * Whether this tab is the one from now on. `by-force`: the other tab is asked to hand over, and passed over when it
   * does not answer; a reason: it says goodbye to the coordinator, too.
   */
  take(how: 'if-free' | 'by-force' | LeaveReason): Promise<boolean>;
  /** Tells the others how this tab is, while it is the one. */
  tell(): void;
  release(): void;
  /** Releases what this tab holds now, but not what it takes later. */
  seat(): () => void;
  /** Ends taking part in all other tabs, of every run; resolves when they have let go, or were given the time to. */
  endAll(): Promise<void>;
  /** Everything was erased: whatever other tabs still show is no longer there. */
  tellErased(): void;
  close(): void;
}

export interface LeaderTabHandlers {
  /** Null: no other tab takes part. */
  other(tab: OtherTab | null): void;
  describe(): OtherTab;
  /** Another tab takes over: stop; without a word to the coordinator, unless it is `leaving`. */
  handOver(leaving: LeaveReason | null): Promise<void>;
  /** Everything is about to be erased: leave the run, and write nothing more. */
  ending(): Promise<void>;
  erased(): void;
}

/** A reloaded page may ask a moment before its former self has let go. */
const PATIENCE_MS = 3000;
const TELL_EVERY_MS = 1000;

const RUNS = 'tributary/run/';
const DEVICE = 'tributary/device';

/** Runs `work` when no tab takes part in any run any more; then all of them show that everything was erased. */
export async function endAllTabs(work: () => Promise<void>): Promise<void> {
  const nothing = { phase: 'idle', roundNumber: null, contributions: 0, fraction: null };
  const tab = openLeaderTab('', {
    other() {},
    describe: () => nothing,
    handOver: async () => {},
    ending: async () => {},
    erased() {},
  });
  try {
    await tab.endAll();
    await work();
    tab.tellErased();
  } finally {
    tab.close();
  }
}

export function openLeaderTab(runId: string, handlers: LeaderTabHandlers): LeaderTab {
  const name = `${RUNS}${runId}`;
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  const channel = new BroadcastChannel(name);
  const device = new BroadcastChannel(DEVICE);
  const post = (message: TabMessage) => channel.postMessage(message);
  const postToAll = (message: DeviceMessage) => device.postMessage(message);
  let letGo: (() => void) | null = null;
  let telling: ReturnType<typeof setInterval> | undefined;
  let watch: AbortController | null = null;

  channel.onmessage = ({ data }) => {
    const parsed = messageSchema.safeParse(data);
    if (parsed.success) void heard(parsed.data);
  };
  device.onmessage = ({ data }) => {
    const parsed = deviceMessageSchema.safeParse(data);
    if (!parsed.success) return;
    if (parsed.data.type === 'erased') handlers.erased();
    else void giveUp();
  };
  // In Node a channel would keep the process alive.
  for (const each of [channel, device] as { unref?: () => void }[]) each.unref?.();
  post({ type: 'asking' });

  async function heard(message: TabMessage): Promise<void> {
    switch (message.type) {
      case 'asking':
        return tell();
      case 'told':
        if (letGo) return;
        handlers.other(message.tab);
        return noticeItsEnd();
      case 'gone':
        return letGo ? undefined : handlers.other(null);
      case 'handOver':
        return letGo ? yieldSeat(message.leaving) : undefined;
    }
  }

  async function giveUp(): Promise<void> {
    const seat = letGo;
    stopTelling();
    await handlers.ending();
    leave(seat);
  }

  /** Not a seat that was taken since. */
  function leave(seat: (() => void) | null): void {
    seat?.();
    if (letGo === seat) letGo = null;
  }

  async function heldByOthers(): Promise<readonly string[]> {
    const held = (await locks?.query())?.held ?? [];
    return held.flatMap((lock) =>
      lock.name?.startsWith(RUNS) && !(letGo && lock.name === name) ? lock.name : [],
    );
  }

  async function yieldSeat(leaving: LeaveReason | null): Promise<void> {
    const seat = letGo;
    stopTelling();
    await handlers.handOver(leaving);
    leave(seat);
  }

  /** A tab that crashes says nothing; but its lock comes free. */
  function noticeItsEnd(): void {
    if (watch || !locks) return;
    watch = new AbortController();
    const { signal } = watch;
    locks
      .request(name, { mode: 'shared', signal }, () => {})
      .then(() => handlers.other(null))
      .catch(() => {})
      .finally(() => {
        watch = null;
      });
  }

  function request(options: LockOptions): Promise<boolean> {
    if (!locks) {
      letGo = () => {};
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      let isHeld = false;
      locks
        .request(name, options, () => {
          isHeld = true;
          resolve(true);
          return new Promise<void>((release) => {
            letGo = release;
          });
        })
        // A lock that was held and is lost was taken by a tab that could not wait for an answer.
        .catch(() => (isHeld ? yieldSeat(null) : resolve(false)));
    });
  }

  function tell(): void {
    if (letGo) post({ type: 'told', tab: handlers.describe() });
  }

  function stopTelling(): void {
    clearInterval(telling);
  }

  return {
    tell,
    async take(how) {
      watch?.abort();
      if (how !== 'if-free') post({ type: 'handOver', leaving: how === 'by-force' ? null : how });
      const isMine =
        (await request({ signal: AbortSignal.timeout(PATIENCE_MS) })) ||
        (how !== 'if-free' && (await request({ steal: true })));
      if (!isMine) return false;
      handlers.other(null);
      telling = setInterval(tell, TELL_EVERY_MS);
      tell();
      return true;
    },
    release() {
      if (!letGo) return;
      stopTelling();
      letGo();
      letGo = null;
      post({ type: 'gone' });
    },
    seat() {
      const held = letGo;
      return () => {
        if (held && letGo === held) this.release();
      };
    },
    async endAll() {
      postToAll({ type: 'ending' });
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const free = async (run: string) => locks?.request(run, { mode: 'shared', signal }, () => {});
      await Promise.all((await heldByOthers()).map((run) => free(run).catch(() => {})));
    },
    tellErased: () => postToAll({ type: 'erased' }),
    close() {
      this.release();
      watch?.abort();
      channel.close();
      device.close();
    },
  };
}
