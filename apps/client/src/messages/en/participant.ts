/** Words of the participant page, but for its data. */
import type { LeaveReason, WaitingReason } from '@tributary/fl-core';
import type { LedgerEntry, LedgerKind, LedgerSubject } from '@tributary/participant';
import { count, duration, percent, plural } from '../figures.ts';

const examples = (n: number) => plural(n, 'example', 'examples');

export const participant = {
  join: {
    asking: 'Asking the coordinator what this run is…',
    askingSlow: 'Still asking. The coordinator is slow to answer, or the connection is.',
    noTicketTitle: 'This page needs an invitation',
    noTicket:
      'A join link ends in “#ticket=…”. The address that brought you here has no ticket: perhaps the end of the link was cut off when it was copied. Ask for the link again, or paste it here.',
    pasteLink: 'Join link or ticket',
    useLink: 'Open',
    badLink: 'There is no ticket in this text.',
    ticketExpiredTitle: 'This invitation has expired',
    ticketExpired:
      'Tickets are valid for a limited time. Ask the person who invited you for a fresh link. Examples that you added before are still on this device and will be found again.',
    ticketInvalidTitle: 'This invitation is not valid here',
    ticketInvalid:
      'The coordinator does not recognise the ticket: the link may have been damaged in copying, or it belongs to another coordinator. Ask for the link again.',
    runUnknownTitle: 'This run no longer exists',
    runUnknown: 'The coordinator has removed it. Nothing is left to take part in.',
    unreachableTitle: 'The coordinator cannot be reached',
    unreachable: 'Check your connection. This page asks again by itself every few seconds.',
    failedTitle: 'The coordinator answered with an error',
  },

  device: {
    insecureTitle: 'This page was not loaded over a secure connection',
    insecure:
      'Browsers switch off cryptography and the graphics processor on addresses without https (only localhost is exempt). Ask for an https link.',
    noStorageTitle: 'This browser gives the page no storage',
    noStorage:
      'Perhaps this is a private window. You can take part, but your examples and the list of what was sent are forgotten when you close or reload the page.',
    noWorkersTitle: 'This browser cannot run background workers',
    noWorkers:
      'Training runs in one, so this browser cannot take part. A current Chrome, Edge, Firefox or Safari can.',
    noWebGpu:
      'This browser has no WebGPU: training uses WebGL or the processor instead. That can be slower; the result counts just the same.',
  },

  run: {
    /** Heading of the first card. */
    title: 'What this run is',
    noDescription: 'The operator gave no description.',
    progress: (done: number, target: number) => `${count(done)} of ${count(target)} rounds done`,
    model: 'Model',
    parameters: (n: number) => `${count(n)} parameters`,
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
      'char-gru': 'recurrent network over characters (GRU)',
      layers: 'custom network',
    },
  },

  privacy: {
    title: 'What leaves this device, and what never does',
    leaves: 'Leaves',
    stays: 'Never leaves',
    update: (size: string) =>
      `In each round you take part in: a model update of about ${size}, the change that training on your examples made to the model`,
    exampleCount: 'how many examples you train on (not how many of each kind)',
    heldOut:
      'the accuracy and loss of the shared model on the examples that you hold out, and how many those are (three numbers per round)',
    device:
      'the public key of this device, a signature made with it, your ticket, the kind of backend, and the progress and speed of training',
    leaving:
      'when this device leaves the run: why (you stopped, you deleted your examples, training failed, or it was too slow)',
    network: 'your network address, as with every web page',
    examples: 'your examples: pictures, rows, texts and their labels',
    fileNames: 'names and contents of your files, and your drawings',
    counts: 'how many examples of each label you have',
    notMaskedTitle: 'Updates are not hidden from the coordinator in this run',
    notMasked:
      'This run uses no secure aggregation and adds no noise. The coordinator sees the update of each participant by itself. An update is not your data, but somebody who holds it may be able to infer things about the examples it was trained on, sometimes even reconstruct some. Take part only if you trust whoever runs this coordinator with that.',
    clipped: (norm: number) =>
      `Before it leaves, your update is shortened to a length of at most ${norm} (L2 norm), which bounds how much one person can move the model.`,
    notClipped: 'The length of your update is not limited by this run.',
    codeNote:
      'The coordinator also serves the code of this page. No web page can prove to you that it does only what it says.',
    consent: 'I have read what leaves this device, and I want to take part',
  },

  taking: {
    title: 'Take part',
    start: 'Start',
    startAgain: 'Start again',
    stop: 'Stop',
    runCompleted: 'This run is complete and takes no further updates.',
    runStopped: 'The operator has stopped this run; it takes no further updates.',
    needsConsent: 'Tick the consent box first.',
    needsExamples: (n: number) => `Add ${examples(n)} more first.`,
    resumed: 'Welcome back. You had started before, so this page went on by itself.',
    otherTab: 'This run is already open in another tab of this browser. Only one tab takes part at a time.',
    round: 'Round',
    contributions: 'Your accepted updates',
    backend: 'Trains with:',
    backendPending: 'chosen when the first training begins',
    backendNames: {
      webgpu: 'WebGPU',
      webgl: 'WebGL',
      wasm: 'WebAssembly',
      cpu: 'plain JavaScript',
      plain: 'the built-in trainer',
    },
    whyNot: 'Why not a faster one?',
    speed: (perSecond: number) => `${count(Math.round(perSecond))} examples per second`,
    leaveOpen: 'Keep this tab open. In the background it goes on, perhaps more slowly.',
    faults: 'Something did not work',
    goesOn: 'Taking part goes on by itself where it can.',
  },

  activity: {
    idle: 'Not started.',
    starting: 'Getting ready…',
    checkingIn: 'Connecting to the coordinator…',
    reconnecting: 'The connection is lost. Trying to reconnect; nothing of yours is lost.',
    downloading: 'Downloading the current model',
    downloadRetry: 'The model could not be downloaded yet; trying again shortly.',
    training: (n: number) => `Training on your ${examples(n)}`,
    preparing: 'Preparing to train: choosing the fastest way this device offers',
    measuring: 'Measuring the shared model on your held-out examples',
    ready: 'Trained. Waiting until enough others are ready, too.',
    uploading: 'Sending your update',
    uploadRetry: 'Sending your update did not work; trying again shortly.',
    reported: 'Your update has arrived. Waiting for the round to close.',
    completed: 'The run is complete. Thank you for taking part.',
    stopped: 'The operator has stopped this run. Thank you for taking part.',
    refused: 'The coordinator did not let this page take part.',
    percentDone: (what: string, fraction: number) => `${what}: ${percent(fraction)}`,
    comeBack: (reason: string, seconds: number) => `${reason} Next look in about ${duration(seconds)}.`,
    waiting: {
      admitted: 'Checked in. Waiting for the next round.',
      'round-in-progress': 'A round is under way without you; the next one may need you.',
      'waiting-for-others': 'Waiting until enough others are here.',
      'not-selected': 'Others were chosen for this round. You may be next.',
      'run-paused': 'The operator has paused this run.',
      'cohort-full': 'This round had enough updates before yours; yours was not sent.',
      'deadline-passed':
        'This round’s time was over before your training was. The next round is a new chance.',
      'away-too-long': 'The connection was gone for too long for this round. You are back for the next.',
      'update-refused': 'The coordinator refused your update in this round.',
      left: 'You left this round.',
      'round-over': 'The round ended without your update.',
      'round-committed': 'The round is done and the model is better for it. Waiting for the next.',
      'download-failed': 'The model could not be downloaded this time. The next round tries again.',
      'training-failed': 'Training did not work this time. The next round tries again.',
      'upload-failed': 'Your update could not be sent this time. The next round tries again.',
      'update-lost': 'Your update is no longer on this device, so the round goes on without it.',
      'too-few-ready': 'The round was given up: too few participants got ready in time.',
      'too-few-survivors': 'The round was given up: too few updates arrived.',
      stopped: 'The round was stopped.',
      'aggregation-failed': 'The round was given up: the coordinator could not combine the updates.',
    } satisfies Record<WaitingReason, string>,
    left: {
      'stopped-by-person': 'Stopped. Your examples stay on this device; Start comes back at any time.',
      'device-failed': 'This device could not keep a record of what it sends, so it left the run.',
      'data-erased': 'You deleted your examples, so this device left the run.',
    } satisfies Record<LeaveReason, string>,
  },

  accuracy: {
    title: 'On your own held-out examples',
    none: 'Measured when the first round begins, on examples that never train.',
    before: 'Shared model when you came',
    now: 'Shared model now',
    thisRound: (before: string, after: string) =>
      `In the latest round, training here took it from ${before} to ${after} on your examples.`,
    of: (n: number) => `measured on ${examples(n)}`,
  },

  ledger: {
    title: 'What left this device',
    none: 'Nothing but the question what this run is.',
    noneSuch: 'Nothing of this kind.',
    total: 'Total',
    totalOf: (size: string, n: number) => `${size} in ${plural(n, 'message', 'messages')}`,
    time: 'Time',
    what: 'What',
    bytes: 'Size',
    hash: 'SHA-256',
    exactly: 'Exactly as sent',
    save: 'Download',
    saveOf: (label: string) => `Download exactly as sent: ${label}`,
    noLongerKept: 'no longer kept',
    noBody: 'no content',
    kind: 'Show',
    allKinds: 'everything',
    kinds: {
      upload: 'model updates',
      message: 'messages',
      request: 'requests',
      protocol: 'upkeep of the connection',
    } satisfies Record<LedgerKind, string>,
    round: 'Round',
    allRounds: 'all',
    asJson: 'Whole list as JSON',
    asCsv: 'Whole list as CSV',
    pages: 'Pages of the list',
    newer: 'Newer',
    older: 'Older',
    pageOf: (page: number, pages: number, n: number) =>
      `${count(page)} of ${count(pages)} (${plural(n, 'entry', 'entries')})`,
    label: ({ subject, roundNumber, times }: LedgerEntry): string => {
      const round = roundNumber === null ? '' : ` (round ${count(roundNumber)})`;
      return `${subjects[subject]}${times > 1 ? `, ${count(times)} times` : ''}${round}`;
    },
    counts:
      'Sizes count what the page hands to the browser; the browser adds its own headers, as with every page.',
    keeps:
      'The newest 2,000 messages and the newest 64 MB of updates are kept here exactly as they were sent. Whoever gets a check-in file from you gets your ticket: it is in it.',
  },
};

const subjects: Record<LedgerSubject, string> = {
  'run-question': 'question what this run is',
  connection: 'opening of the connection',
  'keep-alive': 'keep-alive',
  'check-in': 'check-in: ticket, public key and signature of this device, number of examples, backend',
  progress: 'progress and speed of training',
  announcement: 'announcement of the update: its hash and length, number of examples',
  'held-out-accuracy': 'accuracy and loss of the shared model on your held-out examples',
  withdrawal: 'withdrawal from a round',
  goodbye: 'goodbye',
  'model-request': 'request for the shared model',
  update: 'your model update',
};
