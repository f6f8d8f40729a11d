/** The part of a manifest that names a clear code, as far as this package reads it. */
export type ClearPlanLike =
  | EdenPlanLike
  | (Fed & { readonly codec: 'codebook'; readonly bits: number })
  | (Fed & {
      readonly codec: 'top-k';
      readonly fraction: number;
      readonly valueBits: number;
      readonly momentum: number;
      readonly warmUpRounds: number;
    })
  | (Fed & { readonly codec: 'truncated'; readonly mantissaBits: number })
  | (Fed & { readonly codec: 'power-sgd'; readonly rank: number });

export interface EdenPlanLike extends Fed {
  readonly codec: 'eden';
  readonly bits: number;
  readonly fraction: number;
  readonly adaptive: boolean;
}

export type PlanOf<Codec extends ClearPlanLike['codec']> = Extract<ClearPlanLike, { codec: Codec }>;

interface Fed {
  readonly feedback: { readonly mode: 'off' } | { readonly mode: 'on'; readonly expiresAfterRounds: number };
}
