import '../../../packages/training/src/worker/training-worker.ts';
