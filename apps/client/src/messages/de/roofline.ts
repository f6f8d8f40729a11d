/** Wörter der Seite, die das eigene Gerät misst. */
import type { roofline as english } from '../en/roofline.ts';

export const roofline: typeof english = {
  about:
    'Misst, wie schnell dieser Browser auf diesem Gerät trainiert und wie schnell das Gerät sein könnte. Es dauert etwa eine Minute, nichts verlässt den Browser, und kein Lauf wird berührt.',
  measure: 'Messen',
  measureAgain: 'Noch einmal messen',
  measuring: (backend) => `Wird gemessen: ${backend}`,
  failed: 'Die Messung ist nicht fertig geworden',
  backends: {
    wasm: 'WebAssembly',
    'wasm-relaxed': 'WebAssembly mit „relaxed SIMD“',
    webgpu: 'WebGPU',
    reference: 'Einfaches TypeScript',
  },
  peaks: (gigaflops, gigabytes) =>
    `Höchstens ${gigaflops} GFLOP/s beim Rechnen und ${gigabytes} GB/s aus dem Speicher, gemessen mit Schleifen, die nichts anderes tun.`,
  softwareAdapter:
    'Dieser Adapter ist ein Programm, das eine Grafikkarte nachahmt: Eine echte ist weit schneller.',
  missing: 'Was hier nicht läuft',
  missingBecause: (backend, reason) => `${backend}: ${reason}`,
  models: 'Beispiele pro Sekunde',
  modelsAbout: 'Ganze Trainingsschritte mit jeder Art von Modell, jeweils mit der genannten Stapelgröße.',
  model: 'Modell',
  batch: 'Stapel',
  examplesPerSecond: 'Beispiele / s',
  kernels: (backend) => `Rechenkerne: ${backend}`,
  rooflineOf: (backend) => `Roofline-Diagramm: ${backend}`,
  plot: (backend) =>
    `Roofline-Diagramm für ${backend}: je Rechenkern die Rechenschritte pro Sekunde über den Rechenschritten pro Byte, unter der Linie, die das Gerät zulässt. Die Tabelle darunter enthält dieselben Zahlen.`,
  intensity: 'Rechenschritte pro Byte',
  performance: 'GFLOP/s',
  number: 'Nr.',
  kernel: 'Rechenkern',
  pass: 'Richtung',
  passes: { forward: 'vorwärts', backward: 'rückwärts' },
  gigaflops: 'GFLOP/s',
  gigabytes: 'GB/s',
  share: 'Anteil am Möglichen',
  shareAbout:
    'Möglich ist, was das Langsamere von Rechnen und Speicher zulässt. Mehr als 100 % heißt, dass die Daten in einem Zwischenspeicher blieben, der schneller ist als der Hauptspeicher.',
  matrixProduct: 'Matrizenprodukt',
  kernelOf: (kernel, model) => `${kernel}, ${model}`,
  kinds: {
    dense: 'dichte Schicht',
    convolution: 'Faltung',
    'depthwise-convolution': 'kanalweise Faltung',
    'max-pooling': 'Max-Pooling',
    'average-pooling': 'Mittelwert-Pooling',
    reshape: 'Umformung',
    embedding: 'Einbettung',
    'layer-normalisation': 'Schichtnormalisierung',
    'causal-attention': 'kausale Aufmerksamkeit',
    'gated-recurrence': 'Rekurrenz mit Toren',
    sum: 'Summe',
  },
};
