/** AES-256, in hex. */

/** GCM: McGrew and Viega, The Galois/Counter Mode of Operation, appendix B, test cases 13, 14 and 16. */
export const GCM = [
  {
    key: '00'.repeat(32),
    nonce: '00'.repeat(12),
    context: '',
    bytes: '',
    sealed: '530f8afbc74536b9a963b4f1c4cb738b',
  },
  {
    key: '00'.repeat(32),
    nonce: '00'.repeat(12),
    context: '',
    bytes: '00'.repeat(16),
    sealed: 'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
  },
  {
    key: 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308',
    nonce: 'cafebabefacedbaddecaf888',
    context: 'feedfacedeadbeeffeedfacedeadbeefabaddad2',
    bytes:
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    sealed:
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
  },
] as const;

/**
 * Blocks of key streams that are published: what AES-256 makes of the numbers 0, 1 and 2. Of the key of zeros, 0 gives H
 * and 1 the tag of test case 13, 2 the ciphertext of test case 14 (both above); the last two are of the AES Algorithm
 * Validation Suite (KeySbox and VarKey).
 */
export const KEY_STREAMS = [
  { key: '00'.repeat(32), block: 0, stream: 'dc95c078a2408989ad48a21492842087' },
  { key: '00'.repeat(32), block: 1, stream: '530f8afbc74536b9a963b4f1c4cb738b' },
  { key: '00'.repeat(32), block: 2, stream: 'cea7403d4d606b6e074ec5d3baf39d18' },
  {
    key: 'c47b0294dbbbee0fec4757f22ffeee3587ca4730c3d33b691df38bab076bc558',
    block: 0,
    stream: '46f2fb342d6f0ab477476fc501242c5f',
  },
  { key: `80${'00'.repeat(31)}`, block: 0, stream: 'e35a6dcb19b201a01ebcfa8aa22b5759' },
] as const;
