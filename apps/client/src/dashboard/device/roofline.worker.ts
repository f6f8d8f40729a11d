import '../../zod-without-eval.ts';
import '@tributary/training/roofline-worker';
