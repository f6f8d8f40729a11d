/** How long, and how much, a peer may take before anything is known about it. Times in milliseconds, sizes in bytes. */
export const LIMITS = {
  /** From the first byte of a TLS handshake to its end. */
  handshakeMs: 10_000,
  /** From the connection, or from the first byte of a later request, to the end of the request's headers. */
  headersMs: 10_000,
  /** A body that trickles in for longer is cut off. An upload takes seconds. */
  requestMs: 600_000,
  /** A body of whoever has not shown a credential, such as a login. Updates are streams and never lie in memory. */
  strangersBodyBytes: 16 * 1024,
  /** Between two requests on one connection. */
  keepAliveMs: 15_000,
  /** Nothing read and nothing written, as with a peer that never reads its answer. */
  idleMs: 60_000,
  /** How often overdue headers and requests are looked for. */
  checkEveryMs: 1000,
  /** For what is left of a request that has been answered already. */
  restOfBodyMs: 10_000,
  /** How long a peer may take to agree that a connection ends. */
  closeMs: 1000,
  /** From the first byte of a message on a socket to its last: the largest one takes that long at 26 kB/s. */
  unfinishedMessageMs: 10_000,
} as const;

/**
 * Control connections of one address. A school or a company is one address, and each person in it one connection, so
 * this is for a thousand people at once. One connection costs about 30 kB, all of them 30 MB.
 */
export const SOCKETS_PER_ADDRESS = 1024;
/** A browser keeps up to six more connections for what it downloads, though rarely in all tabs at once. */
export const CONNECTIONS_PER_SOCKET = 3;
/** All connections together: more participants than one coordinator serves well. */
export const CONNECTIONS = 20_000;
