/** Words of the form for what travels: how an update leaves a device, and how the model comes to it. */
export const compressionForm = {
  fields: {
    'compression.codec': {
      label: 'Form of an update',
      help: 'Secure aggregation needs one that adds up: quantised or tuned.',
    },
    'compression.valueBits': { label: 'Bits of a value', help: 'Precision of one update. 2 to 24.' },
    'compression.valueBits.kept': { label: 'Bits of a value', help: 'Of each value that is kept. 2 to 8.' },
    'compression.bound': {
      label: 'Largest change',
      help: 'Changes of a parameter beyond this, up or down, are clipped to it.',
    },
    'compression.ring': {
      label: 'Room for the sum',
      help: 'Proven: no sum can overflow. Probabilistic: fewer bits; a sum overflows hardly ever, if updates do not all point the same way.',
    },
    'compression.ringBits': {
      label: 'Bits of a value',
      help: 'What each costs on the way, 2 to 32. 8 do for 100 participants, 10 for 1,000.',
    },
    'compression.wrapProbability': {
      label: 'Overflow at most (probability)',
      help: 'Of one value of one sum. The step between two levels follows the sums of earlier rounds so that this holds.',
    },
    'compression.firstNorm': {
      label: 'Length in the first round (L2 norm)',
      help: 'How long an update may be while nothing is known of the sums yet.',
    },
    'compression.sampling.kind': {
      label: 'What travels',
      help: 'Less than everything: the same part for everybody, drawn anew for each round.',
    },
    'compression.sampling.fraction': { label: 'Part that travels (fraction)', help: 'Above 0, up to 1.' },
    'compression.sampling.rank': {
      label: 'Columns of the basis',
      help: 'Matrices travel as products with so many columns. 1 to 256.',
    },
    'compression.rotation': {
      label: 'Rotation',
      help: 'Makes all values alike in size before they are rounded: less is lost. Blocks need little padding.',
    },
    'compression.rounding': {
      label: 'Rounding',
      help: 'Dithered: its chances are public and subtracted from the sum again. Half the error, not a byte more.',
    },
    'compression.feedback.mode': {
      label: 'Keep what was lost',
      help: 'A device keeps what coding lost, and adds it to its next update. For devices that come back.',
    },
    'compression.feedback.expiresAfterRounds': {
      label: 'Keep for (rounds)',
      help: 'After so many it belongs to another model, and is dropped. 1 to 10,000.',
    },
    'compression.bits': { label: 'Bits of a value', help: '1 to 4.' },
    'compression.bits.codebook': { label: 'Bits of a value', help: '1 to 8: up to 256 levels.' },
    'compression.fraction.own': {
      label: 'Part that travels (fraction)',
      help: 'Each device draws a part of its own. Above 0, up to 1.',
    },
    'compression.fraction': {
      label: 'Part that travels (fraction)',
      help: 'The largest values. Above 0, up to 1.',
    },
    'compression.adaptive': {
      label: 'Fewer bits when slow',
      help: 'A device whose connection would be late sends fewer bits.',
    },
    'compression.momentum': {
      label: 'Momentum',
      help: 'Also of what waits on the device. 0 up to, but not, 1.',
    },
    'compression.warmUpRounds': {
      label: 'Warm-up (rounds)',
      help: 'In which the part falls from a quarter to the one above.',
    },
    'compression.mantissaBits': {
      label: 'Bits after the point',
      help: '0 to 22, rounded at random. 7 is bfloat16.',
    },
    'compression.rank': {
      label: 'Rank',
      help: 'Matrices travel as two thin ones of so many columns. 1 to 64.',
    },
    'downlink.codec': {
      label: 'Form of the model',
      help: 'How it comes to the devices. What they hold already does not travel again, but with float32.',
    },
    'downlink.bits': { label: 'Bits of a parameter', help: 'About so many on average. 4 to 12.' },
  },

  choices: {
    'compression.codec.float32': 'float32: 4 bytes a parameter',
    'compression.codec.quantised': 'quantised: adds up, cannot overflow',
    'compression.codec.tuned': 'tuned: adds up, fewest bits',
    'compression.codec.eden': 'EDEN: 1 to 4 bits',
    'compression.codec.codebook': 'codebook: levels of its own',
    'compression.codec.top-k': 'top-k: the largest values',
    'compression.codec.truncated': 'truncated: short floats',
    'compression.codec.power-sgd': 'PowerSGD: thin matrices',
    'compression.ring.proven': 'proven',
    'compression.ring.probabilistic': 'probabilistic',
    'compression.sampling.kind.all': 'everything',
    'compression.sampling.kind.random-k': 'random parameters',
    'compression.sampling.kind.neurons': 'random neurons',
    'compression.sampling.kind.low-rank': 'low rank',
    'compression.rotation.none': 'none',
    'compression.rotation.blocks': 'in blocks',
    'compression.rotation.full': 'of everything at once',
    'compression.rounding.stochastic': 'stochastic',
    'compression.rounding.dithered': 'dithered',
    'compression.feedback.mode.off': 'no',
    'compression.feedback.mode.on': 'yes, on the device',
    'compression.adaptive.false': 'no',
    'compression.adaptive.true': 'yes',
    'downlink.codec.float32': 'float32: 4 bytes a parameter',
    'downlink.codec.lossless': 'lossless: coded',
    'downlink.codec.grid': 'grid: rounded, and coded',
  },
};
