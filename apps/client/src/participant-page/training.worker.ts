/** Training lives here: tfjs is loaded in this worker and nowhere else. */
import '../zod-without-eval.ts';
import '@tributary/training/worker';
