/** In which formats a model can leave: not every format has words for every model. */
import type { ExportFormat, ModelSpec } from '@tributary/fl-core';
import { networkOfLayers } from './network-of-layers.ts';

export function exportFormats(model: ModelSpec): readonly ExportFormat[] {
  const always = ['safetensors', 'frame', 'card'] as const;
  switch (model.kind) {
    case 'softmax-regression':
    case 'mlp':
    case 'mcmahan-cnn':
    case 'separable-cnn':
    case 'char-gru':
      return ['tfjs', 'onnx', ...always];
    case 'char-transformer':
      // tfjs has no layer of causal attention.
      return ['onnx', ...(model.adaptation ? (['adapters'] as const) : []), ...always];
    case 'layers':
      return ['tfjs', ...(networkOfLayers(model) ? (['onnx'] as const) : []), ...always];
  }
}
