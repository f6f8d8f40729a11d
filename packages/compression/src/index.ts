export { accumulate, decodeMean, type FixedPoint, fixedPointFor, toFixedPoint } from './fixed-point.ts';
