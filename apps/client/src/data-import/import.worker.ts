/** Imports run here, so that a large file never freezes the page. One worker serves one import and ends. */
import '../zod-without-eval.ts';
import { errorCodeOf } from '@tributary/fl-core';
import { generatedSample } from './generated-sample.ts';
import { importFiles } from './import-files.ts';
import type { ImportAnswer, ImportRequest } from './import-off-thread.ts';

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<ImportRequest>) => void;
  postMessage(message: ImportAnswer, transfer: Transferable[]): void;
};

scope.onmessage = ({ data: request }) => {
  void answer(request).then((message) => {
    const inputs = message.ok ? message.outcome.examples?.inputs.buffer : null;
    scope.postMessage(message, inputs ? [inputs] : []);
  });
};

async function answer(request: ImportRequest): Promise<ImportAnswer> {
  try {
    const outcome =
      request.kind === 'files'
        ? await importFiles(request.files, request.data, request.options)
        : generatedSample(request.data, request);
    return { ok: true, outcome };
  } catch (error) {
    return { ok: false, code: errorCodeOf(error) };
  }
}
