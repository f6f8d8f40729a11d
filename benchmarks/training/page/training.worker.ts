import '@tributary/training/worker';
