/** The four files of MNIST (LeCun et al. 1998), checked against the hashes of the canonical ones. */
import { createHash } from 'node:crypto';
import { type ExampleSet, TributaryError } from '@tributary/fl-core';
import { imageExamples } from '@tributary/simulation';
import { readDataFile } from './data-folder.ts';
import { parseIdx } from './idx.ts';

/** SHA-256 of the uncompressed images begins like this. */
const CANONICAL_HASHES: Readonly<Record<string, string>> = {
  'train-images-idx3-ubyte': 'ba891046',
  't10k-images-idx3-ubyte': '0fa7898d',
};

export interface MnistOptions {
  /** Told about files that are well-formed and yet not the canonical ones. */
  readonly warn: (message: string) => void;
}

/** @throws TributaryError `data-missing`, `data-invalid` */
export async function readMnist(
  folder: string,
  options: MnistOptions,
): Promise<{ train: ExampleSet; validation: ExampleSet }> {
  return {
    train: await readHalf(folder, 'train', options),
    validation: await readHalf(folder, 't10k', options),
  };
}

async function readHalf(folder: string, half: 'train' | 't10k', { warn }: MnistOptions): Promise<ExampleSet> {
  const imagesName = `${half}-images-idx3-ubyte`;
  const labelsName = `${half}-labels-idx1-ubyte`;
  const imageBytes = await readDataFile(folder, imagesName);
  const hash = createHash('sha256').update(imageBytes).digest('hex');
  if (!hash.startsWith(CANONICAL_HASHES[imagesName]!)) {
    warn(`${imagesName} is not the canonical file (SHA-256 ${hash.slice(0, 8)}...); figures will differ`);
  }
  const images = parseIdx(imageBytes, imagesName);
  const labels = parseIdx(await readDataFile(folder, labelsName), labelsName);
  const [count, height, width] = images.dimensions;
  if (
    height !== 28 ||
    width !== 28 ||
    labels.dimensions[0] !== count ||
    labels.values.some((label) => label > 9)
  ) {
    throw new TributaryError(
      'data-invalid',
      `${imagesName} and ${labelsName} are not 28 x 28 digits with labels`,
    );
  }
  return imageExamples({ images: images.values, labels: Int32Array.from(labels.values) });
}
