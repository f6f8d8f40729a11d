/** RFC 8032, section 7.1, tests 1 to 3: all in hex. */
export const RFC_8032 = [
  {
    secret: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    secret: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    secret: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
] as const;

/** The order of the base point, and the prime of the field: RFC 8032, section 5.1. */
export const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
export const PRIME = 2n ** 255n - 19n;

/** The example in docs/protocol.md: what a check-in signs, made with the key of RFC 8032's test 1. */
export const CHECK_IN = {
  claims: {
    protocol: 1,
    nonce: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    ticket: 'an.admission.ticket',
    runId: 'run-3f9ac2d1',
    publicKey: RFC_8032[0].publicKey,
  },
  message:
    '150000007472696275746172792f636865636b2d696e2f7631010000003120000000000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f200000009fc8d81f8005c18155de67a815c4fc2dd0b8a91a96ec55f2e921c4f80369010f0c00000072756e2d336639616332643120000000d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  signature:
    '105bfe837481e094bcf7f8e026006d612f3ea99ffdc7b5c786f95e95d09528421d888b947db98a9275ef5b9c7814d54808ca36ff54626f696de9a4e3d2d48308',
  clientId: 'aade5bd2c1dd584598988db98b7a9899',
} as const;
