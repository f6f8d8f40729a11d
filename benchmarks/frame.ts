/** The tensor frame against JSON for McMahan's 2NN (199,210 parameters): megabytes of float32 per second, and size. */
import { createHash } from 'node:crypto';
import {
  decodeFrame,
  encodeFrame,
  initialParameters,
  type ModelSpec,
  type ParameterSet,
  plainSha256,
  type Sha256,
} from '@tributary/fl-core';
import type { BenchmarkOptions, BenchmarkRow } from './benchmark.ts';
import { fastest, figure } from './fastest.ts';

const nativeSha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();

export function run({ quick }: BenchmarkOptions): BenchmarkRow[] {
  const model: ModelSpec = { kind: 'mlp', inputSize: 784, hidden: [200, 200], classes: 10 };
  const parameters = initialParameters(model, 'benchmark');
  const repeats = quick ? 5 : 30;
  return [
    measureFrame('frame, OpenSSL SHA-256', parameters, nativeSha256, repeats),
    measureFrame('frame, plain SHA-256', parameters, plainSha256, Math.min(repeats, 10)),
    measureJson(parameters, Math.min(repeats, 10)),
  ];
}

function measureFrame(
  format: string,
  parameters: ParameterSet,
  sha256: Sha256,
  repeats: number,
): BenchmarkRow {
  const frame = encodeFrame(parameters, sha256);
  return describe(format, parameters, {
    bytes: frame.length,
    encodeSeconds: fastest(repeats, () => encodeFrame(parameters, sha256)),
    decodeSeconds: fastest(repeats, () => decodeFrame(frame, { sha256 })),
  });
}

function measureJson(parameters: ParameterSet, repeats: number): BenchmarkRow {
  const encode = () => JSON.stringify({ shapes: parameters.shapes, values: Array.from(parameters.values) });
  const text = encode();
  return describe('JSON, without a checksum', parameters, {
    bytes: text.length,
    encodeSeconds: fastest(repeats, encode),
    decodeSeconds: fastest(repeats, () =>
      Float32Array.from((JSON.parse(text) as { values: number[] }).values),
    ),
  });
}

function describe(
  format: string,
  { values }: ParameterSet,
  measured: { bytes: number; encodeSeconds: number; decodeSeconds: number },
): BenchmarkRow {
  const megabytes = values.byteLength / 1e6;
  return {
    format,
    parameters: values.length,
    bytes: measured.bytes,
    bytesPerParameter: figure(measured.bytes / values.length),
    encodeMegabytesPerSecond: figure(megabytes / measured.encodeSeconds),
    decodeMegabytesPerSecond: figure(megabytes / measured.decodeSeconds),
  };
}
