/**
 * How much one connection may say: a bucket of messages that refills. Somebody who takes part says a message or two a
 * second; somebody who checks in and leaves in a loop makes work for everybody else's run.
 */
interface MessageRate {
  /** At once, after a silence. */
  readonly burst: number;
  readonly perSecond: number;
}

export const MESSAGE_RATE: MessageRate = { burst: 256, perSecond: 16 };

/** @param now milliseconds of a clock that never goes back */
export function messageAllowance(
  { burst, perSecond }: MessageRate,
  now: () => number = () => performance.now(),
): { take(): boolean } {
  let left = burst;
  let countedAt = now();
  return {
    take() {
      const at = now();
      left = Math.min(burst, left + ((at - countedAt) / 1000) * perSecond);
      countedAt = at;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
