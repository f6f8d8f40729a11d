/** How many connections each address holds, and no more than it may. */
import { isIPv6 } from 'node:net';

export interface Seats {
  /** @returns what gives the seat back, or null when the address has all that it may have */
  take(address: string): (() => void) | null;
}

export function openSeats(perAddress: number): Seats {
  const taken = new Map<string, number>();
  return {
    take(address) {
      const holder = holderOf(address);
      const held = taken.get(holder) ?? 0;
      if (held >= perAddress) return null;
      taken.set(holder, held + 1);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        const left = (taken.get(holder) ?? 1) - 1;
        if (left > 0) taken.set(holder, left);
        else taken.delete(holder);
      };
    },
  };
}

/** Whoever has one IPv6 address has at least the 2^64 of its network, so that network is what counts. */
export function holderOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]!.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(zeros).fill('0'), ...after]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
