/** SHA-256 as a function; native where the platform has a synchronous one, `plainSha256` elsewhere. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;
