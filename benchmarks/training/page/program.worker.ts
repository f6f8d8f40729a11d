/** Trains with one program, so that no two share an engine, a heap or a compiled function. */
import type { CannotTrain, Program } from '../program.ts';
import type { Workload } from '../workload.ts';
import type { Answer, ProgramName, Question } from './protocol.ts';

let program: Program | null = null;

globalThis.addEventListener('message', async ({ data }: MessageEvent<Question>) => {
  try {
    tell({ ok: true, value: await answer(data) });
  } catch (error) {
    tell({ ok: false, message: error instanceof Error ? error.message : String(error) });
  }
});

async function answer(question: Question) {
  switch (question.kind) {
    case 'open': {
      const opened = await open(question.program, question.workload).catch(
        (error: Error): CannotTrain => ({ reason: error.message }),
      );
      if ('reason' in opened) return opened;
      program = opened;
      return null;
    }
    case 'peaks': {
      const { peaksOf } = await import('./peaks.ts');
      return peaksOf(question.engine);
    }
    case 'update': {
      const { timeUpdate } = await import('./local-update.ts');
      const report = (message: unknown, transfer: ArrayBuffer[]): void =>
        tell({ ok: 'reported', message }, transfer);
      return timeUpdate(question.model, { turns: question.turns, report });
    }
    case 'memory': {
      const { memoryOf } = await import('./memory.ts');
      return memoryOf(question.engine, question.model, question.steps);
    }
    case 'run':
      return program!.run(question.steps);
    case 'close':
      return program!.close();
  }
}

async function open(name: ProgramName, workload: Workload): Promise<Program | CannotTrain> {
  switch (name) {
    case 'tfjs-cpu':
    case 'tfjs-wasm':
    case 'tfjs-webgpu': {
      const { openTfjs } = await import('./tfjs-program.ts');
      return openTfjs(name, workload);
    }
    default: {
      const { openEngine } = await import('./engine-program.ts');
      return openEngine(name, workload);
    }
  }
}

function tell(message: Answer, transfer: ArrayBuffer[] = []): void {
  globalThis.postMessage(message, { transfer });
}
