/** Imports run here, so that a large file never freezes the page. One worker serves one import and ends. */
import { errorCodeOf } from '@tributary/fl-core';
import { generatedSample } from './generated-sample.ts';
import { importFiles } from './import-files.ts';
import type { ImportAnswer, ImportRequest } from './import-off-thread.ts';
import type { ImportProgress } from './imported.ts';
import { createReport } from './report.ts';

const PROGRESS_EVERY_MS = 100;

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<ImportRequest>) => void;
  postMessage(message: ImportAnswer, transfer?: Transferable[]): void;
};

scope.onmessage = ({ data: request }) => {
  void answer(request).then((message) => {
    const inputs = message.kind === 'done' ? message.outcome.examples?.inputs.buffer : null;
    scope.postMessage(message, inputs ? [inputs] : []);
  });
};

async function answer(request: ImportRequest): Promise<ImportAnswer> {
  try {
    if (request.kind === 'files') {
      return { kind: 'done', outcome: await importFiles({ ...request, onProgress: progressTeller() }) };
    }
    const examples = generatedSample(request.data, request);
    const report = createReport().finish();
    return { kind: 'done', outcome: { examples, countsByLabel: new Map(), report } };
  } catch (error) {
    return { kind: 'failed', code: errorCodeOf(error) };
  }
}

function progressTeller() {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (progress: ImportProgress) => {
    const now = performance.now();
    if (now - toldAt < PROGRESS_EVERY_MS) return;
    toldAt = now;
    scope.postMessage({ kind: 'progress', progress });
  };
}
