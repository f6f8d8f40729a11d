import '@tributary/training/roofline-worker';
