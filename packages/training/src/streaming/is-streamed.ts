import type { StreamedTrainRequest, TrainRequest } from '@tributary/fl-core';

export function isStreamed(request: TrainRequest | StreamedTrainRequest): request is StreamedTrainRequest {
  return 'portionSizes' in request.examples;
}
