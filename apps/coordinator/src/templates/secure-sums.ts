/**
 * What all templates begin with: the coordinator learns sums of at least eight people, which is what participants ask for
 * unless they choose otherwise. Two of ten may be lost at any stage.
 */
export const SECURE_SUMS = {
  /** 20 bits a value: with room for thirteen in a sum that is 24, whole bytes. */
  compression: { codec: 'quantised', valueBits: 20 },
  /** An eighth of the bytes; two bits less would save one more, and cost rounds where updates are small. */
  downlink: { codec: 'grid', bits: 8 },
  secureAggregation: { mode: 'sa-1', dropoutFraction: 0.2 },
} as const;

export const GROUP_OF_TEN = { reportGoal: 10, minimumSurvivors: 8 } as const;
