/**
 * The safetensors format (huggingface.co/docs/safetensors): header length (8 bytes, little-endian), JSON header,
 * then the tensors. Chosen because every framework reads it and reading it runs no code.
 */
import { type ModelSpec, type ParameterSet, parameterTensors, tensorSize } from '@tributary/fl-core';
import { littleEndianBytes } from './tensor-bytes.ts';

/** The file, in pieces: the tensors are not copied. */
export async function* safetensorsFile(
  parameters: ParameterSet,
  options: { model: ModelSpec; metadata: Record<string, string> },
): AsyncGenerator<Uint8Array> {
  const tensors = parameterTensors(options.model);
  let offset = 0;
  const entries = parameters.shapes.map((shape, index) => {
    const start = offset;
    offset += 4 * tensorSize(shape);
    return [tensors[index]!.name, { dtype: 'F32', shape, data_offsets: [start, offset] }] as const;
  });
  const json = Buffer.from(
    JSON.stringify({ __metadata__: options.metadata, ...Object.fromEntries(entries) }),
  );
  // Spaces align the data to eight bytes, as the format allows.
  const header = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);

  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  yield Buffer.concat([length, header]);
  yield littleEndianBytes(parameters.values);
}
