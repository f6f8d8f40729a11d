/** The model that a round left, in the format that somebody asks for. */
import {
  type BlobHash,
  baseModelOf,
  baseShapes,
  type ExportFormat,
  frozenParameters,
  type MergedModel,
  type ParameterSet,
  parameterShapes,
  TributaryError,
  wholeAdapters,
} from '@tributary/fl-core';
import { exportFormats } from '@tributary/training/network';
import type { RunSupervisor } from '../run/run-supervisor.ts';
import type { StoredModel } from '../storage/run-store.ts';
import type { Storage } from '../storage/storage.ts';
import { mergeAdapters } from './merge-adapters.ts';
import { modelCard } from './model-card.ts';
import { namedTopology } from './named-topology.ts';
import { onnxFile } from './onnx/onnx-file.ts';
import { onnxModel } from './onnx/onnx-model.ts';
import { provenParameters } from './proven-parameters.ts';
import { safetensorsFile } from './safetensors.ts';
import { tfjsArchive } from './tfjs-archive.ts';

export interface ExportParts {
  readonly run: RunSupervisor;
  readonly storage: Storage;
  /** Proves the model whole, where nobody waits for it, and gives it in a buffer of its own. */
  readonly readModel: (hash: BlobHash) => Promise<Uint8Array>;
}

export interface ExportedFile {
  readonly name: string;
  readonly type: string;
  readonly content: Uint8Array | AsyncIterable<Uint8Array>;
}

/**
 * @param wanted `roundNumber` null is the newest model
 * @throws TributaryError `not-found` when that round left no model, `model-unsupported` when the format has no words for it
 */
export async function exportModel(
  { run, storage, readModel }: ExportParts,
  { format, roundNumber }: { format: ExportFormat; roundNumber: number | null },
): Promise<ExportedFile> {
  requireFormat(run, format);
  const model = await storage.runs.modelAfter(run.runId, roundNumber ?? 'newest');
  if (!model) throw new TributaryError('not-found', `round ${roundNumber} left no model`);
  const stem = `${run.runId}-round-${model.roundNumber}`;
  const frame = await readModel(model.modelHash);
  const safetensors = ({ model: spec, parameters }: MergedModel): AsyncIterable<Uint8Array> =>
    safetensorsFile(parameters, { model: spec, metadata: metadataOf(run, model) });
  switch (format) {
    case 'frame':
      return { name: `${stem}.trbf`, type: 'application/octet-stream', content: frame };
    case 'safetensors':
      return {
        name: `${stem}.safetensors`,
        type: 'application/octet-stream',
        content: safetensors(await whole(run, frame, readModel)),
      };
    case 'adapters':
      return {
        name: `${stem}-adapters.safetensors`,
        type: 'application/octet-stream',
        content: safetensors(wholeAdapters(run.manifest.model, parametersOf(run, frame))),
      };
    case 'tfjs':
      return {
        name: `${stem}-tfjs.zip`,
        type: 'application/zip',
        content: tfjsArchive(await namedTopology(run.manifest.model), parametersOf(run, frame)),
      };
    case 'onnx':
      return {
        name: `${stem}.onnx`,
        type: 'application/octet-stream',
        content: onnxFile(
          onnxModel({
            model: run.manifest.model,
            parameters: parametersOf(run, frame),
            frozen: await frozenOf(run, readModel),
            metadata: metadataOf(run, model),
          }),
        ),
      };
    case 'card':
      return {
        name: `${stem}.md`,
        type: 'text/markdown; charset=utf-8',
        content: Buffer.from(await cardOf({ run, storage }, model, frame)),
      };
  }
}

async function cardOf(
  { run: { runId, manifest }, storage }: Pick<ExportParts, 'run' | 'storage'>,
  model: StoredModel,
  frame: Uint8Array,
): Promise<string> {
  const [rounds, contributors] = await Promise.all([
    storage.runs.rounds(runId),
    storage.runs.contributors(runId),
  ]);
  return modelCard({ runId, manifest, model, frameBytes: frame.length, rounds, contributors });
}

function requireFormat({ manifest: { model } }: RunSupervisor, format: ExportFormat): void {
  const formats = exportFormats(model);
  if (formats.includes(format)) return;
  throw new TributaryError(
    'model-unsupported',
    `a ${model.kind} model cannot be written as ${format}, but as ${formats.join(', ')}`,
  );
}

function parametersOf({ manifest }: RunSupervisor, frame: Uint8Array): ParameterSet {
  return provenParameters(frame, parameterShapes(manifest.model));
}

async function frozenOf(
  { manifest }: RunSupervisor,
  readModel: ExportParts['readModel'],
): Promise<ParameterSet | null> {
  const { model } = manifest;
  const base = baseModelOf(model);
  return base && frozenParameters(model, provenParameters(await readModel(base), baseShapes(model) ?? []));
}

/** With its adapters merged in, if it has any: as others know such a model. Takes the frame away. */
async function whole(
  run: RunSupervisor,
  frame: Uint8Array,
  readModel: ExportParts['readModel'],
): Promise<MergedModel> {
  const { model } = run.manifest;
  const base = baseModelOf(model);
  if (base === null) return { model, parameters: parametersOf(run, frame) };
  return mergeAdapters({ model, adapters: frame, base: await readModel(base) });
}

function metadataOf({ manifest }: RunSupervisor, model: StoredModel): Record<string, string> {
  return {
    name: manifest.name,
    model: manifest.model.kind,
    modelHash: model.modelHash,
    roundNumber: String(model.roundNumber),
    committedRounds: String(model.committedRounds),
  };
}
