/** Files of any mixture -> examples for one run: sorted by what they are, read, checked, and put together. */
import type { DataSchema, ImageDataSchema } from '@tributary/fl-core';
import { readCsv } from './csv.ts';
import { createExampleBuilder, type ExampleBuilder } from './example-builder.ts';
import {
  IDX_IMAGES_MAGIC,
  IDX_LABELS_MAGIC,
  idxMagic,
  joinIdx,
  readIdxImages,
  readIdxLabels,
} from './idx.ts';
import { type ImportOutcome, type ImportProgress, ImportRefused, type RejectionReason } from './imported.ts';
import { labelFromPath } from './picture.ts';
import { readUnpacked, unpacked } from './read-bytes.ts';
import { readPicture } from './read-picture.ts';
import { createReport, type Report } from './report.ts';
import { readText } from './text.ts';
import { looksLikeText } from './text-pieces.ts';
import { isClutter, type ZipLimits, zipEntries } from './zip.ts';

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

interface ImportJob {
  readonly files: readonly ChosenFile[];
  readonly data: DataSchema;
  readonly options: ImportOptions;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly zipLimits?: ZipLimits;
}

/** Never throws for what a file holds: everything that was not taken is in the report. */
export async function importFiles(job: ImportJob): Promise<ImportOutcome> {
  const report = createReport();
  const examples = createExampleBuilder(job.data);
  const files = job.files.filter(({ path }) => !isClutter(path));
  const bytesTotal = files.reduce((sum, { content }) => sum + content.size, 0);
  let bytesDone = 0;
  const work: Work = {
    ...job,
    examples,
    report,
    idx: [],
    onRead(bytes) {
      bytesDone += bytes;
      job.onProgress?.({ bytesDone, bytesTotal, accepted: examples.count, rejected: report.rejected });
    },
  };
  for (const { path, content } of files) {
    const doneBefore = bytesDone;
    await guarded(work, path, () =>
      isZip(path) ? readArchive(work, path, content) : readFile(work, path, content),
    );
    work.onRead(doneBefore + content.size - bytesDone);
  }
  joinPairs(work);
  const batch = examples.finish();
  return {
    examples: batch,
    countsByLabel: batch && job.data.kind !== 'text' ? countsOf(batch.labels) : new Map(),
    report: report.finish(),
  };
}

interface Work {
  readonly data: DataSchema;
  readonly options: ImportOptions;
  readonly zipLimits?: ZipLimits;
  readonly examples: ExampleBuilder;
  readonly report: Report;
  /** Images and labels wait here for each other. */
  readonly idx: IdxFile[];
  readonly onRead: (bytes: number) => void;
}

interface IdxFile {
  readonly path: string;
  readonly magic: number;
  readonly bytes: Uint8Array;
}

/** A file that cannot be used gives no rows at all, not even those from before the fault was found. */
async function guarded(work: Work, file: string, read: () => Promise<void> | void): Promise<void> {
  const before = work.examples.count;
  const waiting = work.idx.length;
  try {
    await read();
  } catch (error) {
    if (!(error instanceof ImportRefused)) throw error;
    work.examples.truncate(before);
    work.idx.length = waiting;
    work.report.reject({ file, position: null, reason: error.reason });
  }
}

async function readArchive(work: Work, path: string, content: Blob): Promise<void> {
  const { zipLimits: limits, onRead } = work;
  for await (const entry of zipEntries(content, { ...(limits && { limits }), onRead })) {
    const file = `${path}/${entry.path}`;
    await guarded(work, file, async () => {
      if (isZip(entry.path)) throw new ImportRefused({ kind: 'archive-in-archive' });
      await readBytes(work, file, await unpacked(entry.bytes));
    });
  }
}

async function readFile(work: Work, path: string, content: Blob): Promise<void> {
  await readBytes(work, path, await readUnpacked(content));
}

async function readBytes(work: Work, file: string, bytes: Uint8Array): Promise<void> {
  const { data, examples } = work;
  const reject = (position: number, reason: RejectionReason) =>
    work.report.reject({ file, position, reason });
  const extension = extensionOf(file);
  if (['png', 'jpg', 'jpeg', 'webp'].includes(extension)) {
    if (data.kind !== 'image') throw new ImportRefused({ kind: 'kind-not-wanted', wanted: data.kind });
    return addPicture(work, data, file, bytes);
  }
  const magic = idxMagic(bytes);
  if (magic === IDX_IMAGES_MAGIC || magic === IDX_LABELS_MAGIC || isNamedIdx(file)) {
    if (data.kind !== 'image') throw new ImportRefused({ kind: 'kind-not-wanted', wanted: data.kind });
    work.idx.push({ path: file, magic: magic ?? 0, bytes });
    return;
  }
  if (data.kind === 'image' || !looksLikeText(bytes)) throw new ImportRefused({ kind: 'file-kind-unknown' });
  const onProgress = () => work.onRead(0);
  if (data.kind === 'tabular') readCsv(bytes, data, { examples, reject, onProgress });
  else readText(bytes, data, { examples, onProgress });
}

async function addPicture(work: Work, data: ImageDataSchema, file: string, bytes: Uint8Array): Promise<void> {
  const label = labelFromPath(file, data.labels) ?? work.options.fallbackLabel;
  if (label === null) throw new ImportRefused({ kind: 'label-missing' });
  const pixels = await readPicture(bytes, data, work.options);
  work.examples.blankRow().set(pixels);
  work.examples.keep([data.labels.indexOf(label)]);
}

/** Images and labels travel in two files; they belong together by name, or because there is one of each. */
function joinPairs(work: Work): void {
  const { data, examples, report } = work;
  if (data.kind !== 'image') return;
  const labelFiles = work.idx.filter((file) => file.magic === IDX_LABELS_MAGIC);
  const imageFiles = work.idx.filter((file) => file.magic !== IDX_LABELS_MAGIC);
  const unused = new Set(labelFiles);
  for (const { path, bytes } of imageFiles) {
    const before = examples.count;
    try {
      const images = readIdxImages(bytes);
      const partner =
        labelFiles.length === 1 && imageFiles.length === 1
          ? labelFiles[0]
          : labelFiles.find((file) => stemOf(file.path) === stemOf(path));
      if (!partner) throw new ImportRefused({ kind: 'idx-without-partner', has: 'images' });
      unused.delete(partner);
      const reject = (position: number, reason: RejectionReason) =>
        report.reject({ file: partner.path, position, reason });
      joinIdx(images, readIdxLabels(partner.bytes), data, { examples, reject });
    } catch (error) {
      if (!(error instanceof ImportRefused)) throw error;
      examples.truncate(before);
      report.reject({ file: path, position: null, reason: error.reason });
    }
  }
  for (const { path } of unused) {
    // A pair that failed as a whole is reported once, under its images.
    if (imageFiles.length === 0 || labelFiles.length !== 1) {
      report.reject({ file: path, position: null, reason: { kind: 'idx-without-partner', has: 'labels' } });
    }
  }
}

function countsOf(labels: ArrayLike<number>): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const label of Array.from(labels)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

/** `train-images-idx3-ubyte.gz` and `train-labels-idx1-ubyte.gz` share the stem `train-*`. */
const stemOf = (path: string) =>
  path
    .toLowerCase()
    .replace(/images?|labels?/g, '*')
    .replace(/idx[13]/, 'idx');

const isZip = (path: string) => /\.zip$/i.test(path);
const isNamedIdx = (path: string) => /[-.]idx[13]?(-ubyte)?(\.gz)?$/i.test(path);
const extensionOf = (path: string) => /\.([^./]+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase() ?? '';
