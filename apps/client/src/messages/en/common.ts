/** Words that every page shares, and errors. */
import type { ErrorCode } from '@tributary/fl-core';
import { count, duration, plural } from '../figures.ts';

export const common = {
  product: 'Tributary',
  motto: 'Many private streams, one shared model.',
  skipToContent: 'Skip to content',
  loading: 'Loading…',
  tryAgain: 'Try again',
  asTable: (title: string) => `${title}: table`,
  pageBroke: 'This page ran into a fault of its own. Your examples are untouched. Reloading usually helps.',
  reload: 'Reload the page',
  round: 'Round',
  backendNames: {
    webgpu: 'WebGPU',
    webgl: 'WebGL',
    wasm: 'WebAssembly',
    cpu: 'plain JavaScript',
    plain: 'the built-in trainer',
  },
  run: {
    /** Heading of the first card. */
    title: 'What this run is',
    noDescription: 'The operator gave no description.',
    progress: (done: number, target: number) => `${count(done)} of ${count(target)} rounds done`,
    model: 'Model',
    parameters: (n: number) => `${count(n)} parameters`,
    adapters: (kind: string, trained: string, baseSize: string) =>
      `${kind}: adapters of ${trained} train beside a finished model that this device downloads once (${baseSize})`,
    learns: 'It learns',
    classes: (labels: readonly string[]) =>
      labels.length <= 12
        ? `to tell apart: ${labels.join(', ')}`
        : `to tell ${count(labels.length)} classes apart`,
    nextCharacter: 'to predict the next character of a text',
    together: 'Together',
    perRound: (goal: number, minimum: number) =>
      `each round waits for ${plural(goal, 'update', 'updates')}, and needs at least ${count(minimum)}`,
    yourWork: 'Your device',
    localWork: (epochs: number, seconds: number) =>
      `${epochs === 1 ? 'goes through your examples once' : `goes through your examples ${count(epochs)} times`} per round, within ${duration(seconds)}`,
    status: {
      running: 'running',
      pausing: 'pausing after this round',
      paused: 'paused',
      completed: 'completed',
      stopped: 'stopped',
    },
    modelKinds: {
      'softmax-regression': 'softmax regression',
      mlp: 'multilayer perceptron',
      'mcmahan-cnn': 'convolutional network',
      'separable-cnn': 'separable convolutional network',
      'char-transformer': 'character transformer',
      'char-gru': 'recurrent network over characters (GRU)',
      layers: 'custom network',
    },
  },

  preferences: {
    language: 'Language',
    colours: 'Colours',
    schemes: { auto: 'Auto', light: 'Light', dark: 'Dark' },
  },

  /** For codes that a person can do something about; the others show the coordinator's own message. */
  errors: {
    'ticket-expired': 'Your invitation has expired. Ask for a fresh link.',
    'ticket-invalid': 'Your invitation is not valid here. Ask for the link again.',
    'invite-exhausted': 'As many devices as your invitation allows have joined. Ask for another link.',
    'invite-revoked': 'Your invitation was taken back. Ask for another link.',
    'identity-invalid': 'This device could not prove who it is. Reload the page.',
    'identity-in-use': 'This device already takes part in another tab or window.',
    'not-eligible': 'This run asks for more examples than you have.',
    'run-not-open': 'This run takes no participants at the moment.',
    'too-many-connections': 'The coordinator is full at the moment. It will be tried again.',
    'backend-unavailable': 'None of the ways to train works in this browser.',
    'training-diverged': 'Training went astray: the numbers stopped making sense. This round is left out.',
    'model-unsupported': 'This browser cannot train this kind of model.',
    'data-missing': 'There are no examples to train on.',
    'storage-full': 'This device has no room left for more. Nothing of it was added.',
    'ledger-unwritable':
      'This device has no room to write down what leaves it, so nothing more was sent and taking part has stopped. Make room, then start again.',
    'data-invalid': 'Your examples do not fit this run.',
    'data-unreadable': 'These examples cannot be decrypted on this device any more.',
    'protocol-unsupported': 'This page is older or newer than the coordinator. Reload it.',
    unauthorised: 'Log in again: your session is not valid any more.',
    forbidden: 'Your role does not allow this.',
    conflict: 'The run is not in a state that allows this.',
    'rate-limited': 'Too many attempts. Wait a moment.',
  } satisfies Partial<Record<ErrorCode, string>> as Partial<Record<ErrorCode, string>>,
};
