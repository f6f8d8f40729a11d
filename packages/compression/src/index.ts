export { ditherOf, subtractDither } from './additive/dither.ts';
export { type LinearLengths, type LinearPlan, linearMapLengths } from './additive/linear-lengths.ts';
export { type LinearMap, openLinearMap } from './additive/linear-map.ts';
export { philoxWords, STREAMS } from './additive/philox.ts';
export {
  type ImpossibleStep,
  type Rounding,
  type StepRequest,
  type TunedStep,
  tunedStep,
} from './additive/step.ts';
export { type RingFill, ringFillOf, wrapAlarm } from './additive/wrap-alarm.ts';
export { type ClearCode, type ClearContext, decodeClear, encodeClear } from './clear/clear-code.ts';
export type { ClearPlanLike } from './clear/clear-plan.ts';
export { longestClearCode } from './clear/longest-code.ts';
export { gridSteps, roundToGrid } from './downlink/grid.ts';
export { decodeModel, decodeModelInPieces, encodeModel } from './downlink/model-code.ts';
export { CODEC_ERROR_CODES, CodecError, type CodecErrorCode } from './errors.ts';
export { type CodecMemory, unexpired, withResidual } from './feedback.ts';
export { accumulate, decodeMean, type FixedPoint, fixedPointFor, toFixedPoint } from './fixed-point.ts';
export { pack, packedBytes, unpack } from './pack.ts';
export { type Quantisation, quantise, quantisedPieces, quantiseInto } from './quantise.ts';
export { createLaneSum } from './ring/lane-sum.ts';
export {
  type ImpossibleRing,
  type RingMode,
  type RingPlan,
  type RingRequest,
  ringPlan,
} from './ring/ring-plan.ts';
export type { RingVector } from './ring/ring-vector.ts';
export type { RandomWords } from './stochastic-rounding.ts';
