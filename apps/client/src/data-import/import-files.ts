/** Files of any mixture -> examples for one run: sorted by what they are, read, checked, and put together. */
import { type DataSchema, dataInputSize, type ImageDataSchema } from '@tributary/fl-core';
import type { ExampleBatch } from '@tributary/participant';
import { examplesFromCsv } from './csv.ts';
import { MAXIMUM_FILE_BYTES, readUnpacked } from './gunzip.ts';
import {
  examplesFromIdx,
  IDX_IMAGES_MAGIC,
  IDX_LABELS_MAGIC,
  idxMagic,
  readIdxImages,
  readIdxLabels,
} from './idx.ts';
import { type FileReport, type ImportOutcome, ImportRefused, type ParsedExamples } from './imported.ts';
import { labelFromPath } from './picture.ts';
import { readPicture } from './read-picture.ts';
import { examplesFromText } from './text.ts';

export interface ChosenFile {
  /** Path below the dropped folder, or the bare name. */
  readonly path: string;
  readonly content: Blob;
}

export interface ImportOptions {
  /** For pictures whose path tells no label. */
  readonly fallbackLabel: string | null;
  /** Pictures are dark ink on light paper. */
  readonly inverted: boolean;
}

interface Parsed {
  readonly file: string;
  readonly parsed: ParsedExamples;
}

/** Never throws for what a file holds: every file ends up in a report. */
export async function importFiles(
  files: readonly ChosenFile[],
  data: DataSchema,
  options: ImportOptions,
): Promise<ImportOutcome> {
  const results: (Parsed | FileReport)[] = [];
  const idx: IdxFile[] = [];
  for (const file of files) {
    try {
      const result = await readOne(file, data, options);
      if ('bytes' in result) idx.push(result);
      else results.push({ file: file.path, parsed: result });
    } catch (error) {
      results.push(refusedFile(file.path, error));
    }
  }
  if (data.kind === 'image') results.push(...pairedIdx(idx, data));

  const parsed = results.filter((result): result is Parsed => 'parsed' in result);
  return {
    examples: joined(
      parsed.map((result) => result.parsed),
      data,
    ),
    reports: results.map((result) => ('parsed' in result ? reportOf(result) : result)),
  };
}

interface IdxFile {
  readonly path: string;
  readonly magic: number;
  readonly bytes: Uint8Array;
}

async function readOne(
  file: ChosenFile,
  data: DataSchema,
  options: ImportOptions,
): Promise<ParsedExamples | IdxFile> {
  const extension = extensionOf(file.path);
  if (['png', 'jpg', 'jpeg', 'webp'].includes(extension)) {
    if (data.kind !== 'image') throw new ImportRefused({ kind: 'kind-not-wanted', wanted: data.kind });
    if (file.content.size > MAXIMUM_FILE_BYTES) {
      throw new ImportRefused({ kind: 'file-too-large', limitBytes: MAXIMUM_FILE_BYTES });
    }
    const label = labelFromPath(file.path, data.labels) ?? options.fallbackLabel;
    if (label === null) throw new ImportRefused({ kind: 'label-missing' });
    const pixels = await readPicture(file.content, data, options);
    return oneExample(pixels, data.labels.indexOf(label));
  }
  const bytes = await readUnpacked(file.content);
  const magic = idxMagic(bytes);
  if (magic === IDX_IMAGES_MAGIC || magic === IDX_LABELS_MAGIC || extension.startsWith('idx')) {
    if (data.kind !== 'image') throw new ImportRefused({ kind: 'kind-not-wanted', wanted: data.kind });
    return { path: file.path, magic: magic ?? 0, bytes };
  }
  if (data.kind === 'image') throw new ImportRefused({ kind: 'file-kind-unknown' });
  const text = new TextDecoder().decode(bytes);
  return data.kind === 'tabular' ? examplesFromCsv(text, data) : examplesFromText(text, data);
}

function oneExample(inputs: Uint8Array, label: number): ParsedExamples {
  return { count: 1, inputs, labels: Int32Array.of(label), rejected: 0, rejections: [] };
}

/** Images and labels travel in two files; they belong together by name, or because there is one of each. */
function pairedIdx(files: readonly IdxFile[], schema: ImageDataSchema): (Parsed | FileReport)[] {
  const labelFiles = files.filter((file) => file.magic === IDX_LABELS_MAGIC);
  const imageFiles = files.filter((file) => file.magic !== IDX_LABELS_MAGIC);
  const unused = new Set(labelFiles);
  const results: (Parsed | FileReport)[] = imageFiles.map((imageFile) => {
    try {
      const images = readIdxImages(imageFile.bytes);
      const partner =
        labelFiles.length === 1 && imageFiles.length === 1
          ? labelFiles[0]
          : labelFiles.find((file) => stemOf(file.path) === stemOf(imageFile.path));
      if (!partner) throw new ImportRefused({ kind: 'idx-without-partner', has: 'images' });
      unused.delete(partner);
      const parsed = examplesFromIdx(images, readIdxLabels(partner.bytes), schema);
      return { file: `${imageFile.path} + ${partner.path}`, parsed };
    } catch (error) {
      return refusedFile(imageFile.path, error);
    }
  });
  for (const file of unused) {
    // A pair that failed as a whole is reported once, under its images.
    if (imageFiles.length === 0 || labelFiles.length !== 1) {
      results.push(refusedFile(file.path, new ImportRefused({ kind: 'idx-without-partner', has: 'labels' })));
    }
  }
  return results;
}

/** `train-images-idx3-ubyte.gz` and `train-labels-idx1-ubyte.gz` share the stem `train-*`. */
const stemOf = (path: string) =>
  path
    .toLowerCase()
    .replace(/images?|labels?/g, '*')
    .replace(/idx[13]/, 'idx');

const extensionOf = (path: string) => /\.([^./]+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? '';

function refusedFile(file: string, error: unknown): FileReport {
  if (!(error instanceof ImportRefused)) throw error;
  return { file, accepted: 0, rejected: 1, rejections: [{ position: null, reason: error.reason }] };
}

const reportOf = ({ file, parsed }: Parsed): FileReport => ({
  file,
  accepted: parsed.count,
  rejected: parsed.rejected,
  rejections: parsed.rejections,
});

/** Puts parts together for storage; null when there is not one example. */
export function joined(parts: readonly ParsedExamples[], data: DataSchema): ExampleBatch | null {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  if (count === 0) return null;
  const rowSize = dataInputSize(data);
  const labelsPerExample = data.kind === 'text' ? data.sequenceLength : 1;
  const inputs = data.kind === 'image' ? new Uint8Array(count * rowSize) : new Float32Array(count * rowSize);
  const labels = new Int32Array(count * labelsPerExample);
  let row = 0;
  for (const part of parts) {
    inputs.set(part.inputs, row * rowSize);
    labels.set(part.labels, row * labelsPerExample);
    row += part.count;
  }
  return { inputs, rowSize, labels, labelsPerExample };
}
