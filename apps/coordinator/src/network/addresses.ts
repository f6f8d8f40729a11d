/** Where this machine can be reached, and what of it stays on the machine. */
import { hostname, networkInterfaces } from 'node:os';

/** Only programs on this machine reach it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^(::ffff:)?127\./.test(host);
}

/** "Every address" is none that a browser can open. */
export function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** As it stands in a URL. */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** A host to connect to from this machine, for whatever is listened on. */
export function hostFromHere(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** Where others reach what listens on `host`: IPv4 first, because those can be read out to a class. */
export function addressesFromElsewhere(host: string): string[] {
  if (!isEveryAddress(host)) return isLoopback(host) ? [] : [host];
  const addresses = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    // A link-local IPv6 address means nothing without the name of an interface of whoever uses it.
    .filter(({ internal, address }) => !internal && !/^fe80:/i.test(address));
  const ofFamily = (family: string) =>
    addresses.filter((entry) => entry.family === family).map(({ address }) => address);
  return host === '::' ? [...ofFamily('IPv4'), ...ofFamily('IPv6')] : ofFamily('IPv4');
}

/** By which other machines may know this one: its name, and its name on a network that resolves by multicast. */
export function machineNames(): string[] {
  const name = hostname().toLowerCase();
  const isHostName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name);
  if (!isHostName || name === 'localhost') return [];
  return name.includes('.') ? [name] : [name, `${name}.local`];
}
