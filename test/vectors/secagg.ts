/** Known answers of SA-1: fixed inputs, and what each derivation makes of them. All in hex; see docs/protocol.md. */

/** 32 bytes that are all the same. */
const all = (byte: string) => byte.repeat(32);

export const INPUTS = {
  runId: 'run-1f00',
  manifest: '{"name":"digits"}',
  task: all('a0'),
  roundNumber: 7,
  modelHash: all('a1'),
  modelLog: all('a2'),
  vectors: [
    { bits: 23, length: 100_000 },
    { bits: 32, length: 5 },
  ],
  maximumCohort: 100,
  minimumSurvivors: 60,
  corruptFraction: 0.1,
  dropoutFraction: 0.1,
  adversary: 'semi-malicious',
  graph: 'auto',
  identity: all('b0'),
  maskKey: all('b1'),
  channelKey: all('b2'),
  seed: all('b3'),
  cohortRoot: all('c0'),
  beacon: all('c1'),
  memberCount: 70,
  chosen: { kind: 'harary', degree: 32, shareThreshold: 22 },
  session: all('c2'),
  agreed: all('d0'),
  share: all('d1'),
  sharers: 'ffff0f',
  survivors: 'fbff0f',
} as const;

/** Of members 3 and 300 where there are two, and of 300 where there is one; the number is that of the vector. */
export const OUTPUTS = {
  taskHash: '4df33e4d3d0d5a38cfd5ffe9f983345d17dc97b3c51d9b5269f7852a47ad7c20',
  seedCommitment: '87ad72e722e9521185566ec77741a872e157a32a8b0098f82f3a1b66f12849fe',
  offerMessage:
    '0a00000053412d312f6f66666572010000000120000000a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0040000000700000020000000a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a120000000a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a220000000b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b020000000b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b120000000b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b22000000087ad72e722e9521185566ec77741a872e157a32a8b0098f82f3a1b66f12849fe',
  sessionId: '260b2c51ee47492e477910dd2a92d3579b838cce60b181b6fc3ea1b5f69aabc1',
  graphSeed: 'd5ec413a1dac8e57cff0a645db6ec7924515ac3fccfbfe20a4ec0aa951f80032',
  pairMaskKey0: '8b2b8eae8b87baa4c3352f2fea71a2c7ef7082d68f6b03aed3fec2d22e7aee29',
  pairMaskKey1: '2290208c077fe75da408b8a8496041a8d7576885ccf9d59a88e4e579c507440b',
  selfMaskKey0: '63a2d63c460e28a5fc0fe5c3513b5771da24cf5594df16d92c8634b1e0d6e068',
  selfMaskKey1: '3c2ac01df426c7d36e8dfd6aca65c8b1d01400e715efd891eb71b704726a1a01',
  shareChannelKey: '239a84b3c76d1c7a8370a337a29ca7593815d201cb34eb9760fc52b85297ac39',
  shareChannelNonce: 'aabb4cbd26cd59802dbc5690',
  shareChannelContext:
    '0a00000053412d312f736861726520000000c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2020000000300020000002c01',
  keyShareCommitment: '846e90e0abb539ba116ac19769b879eb',
  seedShareCommitment: 'abbfe9e77e52efc70afc9fc401912066',
  survivorsMessage:
    '0e00000053412d312f7375727669766f727320000000c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c220000000c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c003000000ffff0f03000000fbff0f',
} as const;

/**
 * The first elements of the mask between member 3 and member 300, in rings of different widths: their keys are those of Alice
 * and Bob in RFC 7748, section 6.1, session and root of the roster those above.
 */
export const MASKS = [
  { bits: 8, vector: 0, elements: [184, 129, 83, 163, 203, 192, 7, 181, 132] },
  { bits: 13, vector: 0, elements: [440, 851, 203, 5383, 2436, 6559, 6068, 5934, 5592] },
  { bits: 16, vector: 0, elements: [33208, 41811, 49355, 46343, 51588, 31135, 14260, 55086, 30168] },
  {
    bits: 23,
    vector: 0,
    elements: [5472696, 4246435, 308487, 7970761, 3028916, 7723223, 3729097, 6365864, 6541394],
  },
  {
    bits: 24,
    vector: 0,
    elements: [5472696, 12635043, 8697095, 7970761, 3028916, 7723223, 3729097, 6365864, 6541394],
  },
  {
    bits: 32,
    vector: 1,
    elements: [
      2025644660, 3567813097, 1381423171, 378031295, 95345424, 1487620529, 3893281342, 2467719551, 3236167028,
    ],
  },
] as const;
