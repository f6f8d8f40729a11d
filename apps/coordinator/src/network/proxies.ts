/**
 * Who may say for whom a request is. A proxy in front appends the address of whoever it speaks for to
 * `X-Forwarded-For`; anybody else could write anything there.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { isLoopback } from './addresses.ts';

export type TrustedProxies = (address: string) => boolean;

/**
 * @param names `loopback`, `none`, addresses, or ranges such as `10.0.0.0/8`
 * @throws Error that names the one that is none of these
 */
export function trustedProxies(names: readonly string[]): TrustedProxies {
  const list = new BlockList();
  for (const name of names) {
    if (name === 'loopback' || name === 'none') continue;
    const [address = '', bits] = name.split('/');
    const family = isIP(address);
    const longest = family === 4 ? 32 : 128;
    if (!family || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= longest))) {
      throw new Error(`${name}: expected \`loopback\`, \`none\`, an address, or a range such as 10.0.0.0/8`);
    }
    list.addSubnet(address, bits === undefined ? longest : Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  }
  const trustsLoopback = names.includes('loopback');
  return (address) =>
    (trustsLoopback && isLoopback(address)) || list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** For whom a request is: the nearest address in the chain that is no trusted proxy. */
export function addressOf(request: IncomingMessage, isTrusted: TrustedProxies): string {
  let address = request.socket.remoteAddress ?? 'unknown';
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',').reverse();
  for (const hop of forwarded.map((entry) => entry.trim())) {
    if (!isTrusted(address) || hop === '') return address;
    address = hop;
  }
  return address;
}
