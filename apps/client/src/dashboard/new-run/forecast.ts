/** What a manifest would ask of everybody, as far as its parts are sound already. */
import {
  baseShapes,
  type DataSchema,
  dataClasses,
  dataInputSize,
  dataSchema,
  downlinkPlanSchema,
  frameLength,
  inviteCount,
  type ModelSpec,
  modelSchema,
  parameterCount,
  parameterShapes,
  roundPlanSchema,
  secureAggregationPlanSchema,
  type TensorShape,
} from '@tributary/fl-core';
import * as z from 'zod/mini';
import type { Draft } from './draft.ts';

/** Sharing, confirming, unmasking; updates arrive as in other rounds. */
const STAGES_OF_SUMS = 3;

export interface ModelForecast {
  readonly parameters: number;
  /** One model or one update as a frame. */
  readonly frameBytes: number;
  /** What an adapted model stands on: fetched once by each device. */
  readonly base: { readonly parameters: number; readonly frameBytes: number } | null;
}
export interface RoundForecast {
  readonly invited: number;
  /** From the opening to the last deadline, once enough candidates are there. */
  readonly longestSeconds: number;
  readonly rounds: number;
  readonly reportGoal: number;
}

export function modelForecast(draft: Draft): ModelForecast | null {
  const model = z.safeParse(modelSchema, draft.model);
  if (!model.success) return null;
  const shapes = parameterShapes(model.data);
  const base = baseShapes(model.data);
  return { ...sizesOf(shapes), base: base && sizesOf(base) };
}

/** Of a whole model as it is sent first; later ones take less where devices hold an earlier one. */
export function downloadBytes(draft: Draft, model: ModelForecast): number {
  const plan = z.safeParse(downlinkPlanSchema, draft.downlink);
  return plan.success && plan.data.codec === 'grid'
    ? Math.ceil((model.parameters * plan.data.bits) / 8)
    : model.frameBytes;
}

const sizesOf = (shapes: readonly TensorShape[]) => ({
  parameters: parameterCount(shapes),
  frameBytes: frameLength(shapes),
});

export function roundForecast(draft: Draft): RoundForecast | null {
  const plan = z.safeParse(roundPlanSchema, draft.rounds);
  if (!plan.success) return null;
  const { selectionSeconds, trainingSeconds, reportingSeconds, committedRounds, reportGoal } = plan.data;
  const sums = z.safeParse(secureAggregationPlanSchema, draft.secureAggregation);
  const stageSeconds = sums.success && sums.data.mode !== 'off' ? sums.data.stageSeconds : 0;
  return {
    invited: inviteCount(plan.data),
    longestSeconds: selectionSeconds + trainingSeconds + reportingSeconds + STAGES_OF_SUMS * stageSeconds,
    rounds: committedRounds,
    reportGoal,
  };
}

/** The model with the sizes that the data ask for; null when there is nothing to fit or no way to. */
export function modelFittedToData(draft: Draft): ModelSpec | null {
  const data = z.safeParse(dataSchema, draft.data);
  const model = z.safeParse(modelSchema, draft.model);
  if (!data.success || !model.success) return null;
  const fitted = fit(model.data, data.data);
  return fitted && JSON.stringify(fitted) !== JSON.stringify(model.data) ? fitted : null;
}

function fit(model: ModelSpec, data: DataSchema): ModelSpec | null {
  const classes = dataClasses(data);
  switch (model.kind) {
    case 'softmax-regression':
    case 'mlp':
      return { ...model, inputSize: dataInputSize(data), classes };
    case 'mcmahan-cnn':
    case 'separable-cnn':
      if (data.kind !== 'image') return null;
      return { ...model, height: data.height, width: data.width, channels: data.channels, classes };
    case 'char-gru':
    case 'char-transformer':
      if (data.kind !== 'text') return null;
      return { ...model, vocabularySize: classes, sequenceLength: data.sequenceLength };
    case 'layers':
      return null;
  }
}
