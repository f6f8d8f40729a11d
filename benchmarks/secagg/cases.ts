/** Which sums are measured, the important ones first. */
import { chooseGraph } from '@tributary/privacy';

export interface SumCase {
  readonly protocol: 'sa-1' | 'lightsecagg';
  /** Members of the cohort. */
  readonly n: number;
  /** Elements of the update. */
  readonly params: number;
  /** Of one element in the ring. LightSecAgg has one field of 26 bits. */
  readonly bits: number;
  /** Fraction of the members that shares its secrets and is then lost: the drop-out that costs most. */
  readonly dropout: number;
  readonly plan: Plan;
}

/** From which graph and thresholds follow. */
export interface Plan {
  readonly corruptFraction: number;
  readonly dropoutFraction: number;
  readonly adversary: 'semi-honest' | 'semi-malicious';
  readonly graph: 'auto' | 'complete';
}

/** k = 36, t = 11 at n = 100. For LightSecAgg T = 10, U = 70. */
const USUAL: Plan = { corruptFraction: 0.1, dropoutFraction: 0.3, adversary: 'semi-honest', graph: 'auto' };
/** 32/22 at n = 100. */
const AGAINST_LIARS: Plan = { ...USUAL, dropoutFraction: 0.1, adversary: 'semi-malicious' };
/** 99/69 at n = 100. */
const COMPLETE: Plan = { ...USUAL, adversary: 'semi-malicious', graph: 'complete' };
/** T = 50, U = 70 at n = 100: the setting of the LightSecAgg paper. */
const HALF_CORRUPT: Plan = { ...USUAL, corruptFraction: 0.5 };

const PARAMS = [1_000_000, 100_000];
const DROPOUTS = [0, 0.1, 0.3];
const BITS = [24, 16, 8];

/**
 * Not measured: 10M parameters beyond n = 100, and with other rings than 24 bits (the work is proportional to parameters
 * and to bytes per element, which other rows show); other rings at n = 10, 50, 500 and 1,000; LightSecAgg beyond n = 100
 * and 1M, where the shares of all members pass the coordinator as several gigabytes.
 */
export function casesOf({
  quick,
}: {
  readonly quick: boolean;
}): readonly (SumCase & { readonly inBrowser?: true })[] {
  const hundred = PARAMS.flatMap((params) =>
    BITS.flatMap((bits) => DROPOUTS.map((dropout) => sa1({ n: 100, params, bits, dropout }))),
  );
  const others = PARAMS.flatMap((params) => [
    ...[0, 0.1].map((dropout) => sa1({ n: 100, params, dropout, plan: AGAINST_LIARS })),
    ...DROPOUTS.map((dropout) => sa1({ n: 100, params, dropout, plan: COMPLETE })),
    ...DROPOUTS.map((dropout) => light({ n: 100, params, dropout, plan: USUAL })),
    ...DROPOUTS.map((dropout) => light({ n: 100, params, dropout, plan: HALF_CORRUPT })),
  ]);
  const browser = PARAMS.map((params) => ({
    ...sa1({ n: 100, params, dropout: 0 }),
    inBrowser: true as const,
  }));
  if (quick) return [...browser, ...hundred, ...others];
  return [
    ...browser,
    ...hundred,
    ...others,
    ...PARAMS.toReversed().flatMap((params) =>
      [500, 1000].flatMap((n) => DROPOUTS.map((dropout) => sa1({ n, params, dropout }))),
    ),
    ...[10, 50].flatMap((n) =>
      PARAMS.flatMap((params) => DROPOUTS.map((dropout) => sa1({ n, params, dropout }))),
    ),
    ...[10, 50].flatMap((n) =>
      PARAMS.flatMap((params) => DROPOUTS.map((dropout) => light({ n, params, dropout, plan: USUAL }))),
    ),
    ...[10, 50, 100].flatMap((n) => DROPOUTS.map((dropout) => sa1({ n, params: 10_000_000, dropout }))),
  ];
}

type Choice = Pick<SumCase, 'n' | 'params' | 'dropout'>;

function sa1({
  bits = 24,
  plan = USUAL,
  ...rest
}: Choice & Partial<Pick<SumCase, 'bits' | 'plan'>>): SumCase {
  return { protocol: 'sa-1', bits, plan, ...rest };
}

function light({ plan, ...rest }: Choice & Pick<SumCase, 'plan'>): SumCase {
  return { protocol: 'lightsecagg', bits: 26, plan, ...rest };
}

/** Neighbours, and shares or answers that are needed. */
export function thresholdsOf({ protocol, n, plan }: SumCase): {
  readonly k: number;
  readonly threshold: number;
} {
  if (protocol === 'lightsecagg') return { k: n - 1, threshold: n - Math.ceil(plan.dropoutFraction * n) };
  const { degree, shareThreshold } = chooseGraph({ n, ...plan });
  return { k: degree, threshold: shareThreshold };
}

/** Those after the first ones: the timed members stay. */
export function dropsOut({ n, dropout }: SumCase, member: number): boolean {
  return member >= n - Math.floor(dropout * n);
}
