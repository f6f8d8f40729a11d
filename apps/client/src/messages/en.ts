import type { AbandonReason, ErrorCode, LeaveReason, WaitingReason } from '@tributary/fl-core';
import type { RejectionReason } from '../data-import/imported.ts';
import { bytes, count, duration, percent, plural } from './figures.ts';

const examples = (n: number) => plural(n, 'example', 'examples');

export const en = {
  product: 'Tributary',
  motto: 'Many private streams, one shared model.',
  skipToContent: 'Skip to content',
  loading: 'Loading…',
  tryAgain: 'Try again',
  asTable: (title: string) => `${title}: table`,
  pageBroke: 'This page ran into a fault of its own. Your examples are untouched. Reloading usually helps.',
  reload: 'Reload the page',

  landing: {
    what: 'People open a link; a model learns inside their browser, from data that stays there. A coordinator collects what each browser learned, never the data, and averages it into one model that works for everyone.',
    joinTitle: 'Take part',
    join: 'You need an invitation: a link that somebody who runs a project gave you. It contains your ticket and opens the page where you see what the project is before anything starts.',
    joinButton: 'I have a join link',
    operateTitle: 'Run a project',
    operate: 'Create a run, invite people, watch the model learn round by round, and export it.',
    operateButton: 'Open the dashboard',
  },

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
      'a random device key made on this device, your ticket, the kind of backend, and the progress and speed of training',
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

  data: {
    title: 'Your examples',
    none: 'No examples yet. Add some of your own, or take a generated sample to try it out.',
    have: (n: number) => `${examples(n)} on this device`,
    split: (training: number, heldOut: number) =>
      `${count(training)} train the model, ${count(heldOut)} are held out to measure it`,
    needed: (n: number) => `This run asks for at least ${examples(n)}.`,
    perLabel: 'Examples per label',
    files: 'Files',
    draw: 'Draw',
    choose: 'Choose files',
    chooseFolder: 'Choose a folder',
    dropHere: 'or drop files here',
    accepts: {
      image:
        'PNG or JPEG pictures, or an IDX pair (images + labels, also .gz). A picture’s label comes from its folder (cat/001.png) or its name (cat-001.png).',
      tabular:
        'A CSV file with a header row; or without one, when it has exactly these columns in this order and the label last.',
      text: 'A plain text file.',
    },
    columns: (names: readonly string[], label: string) =>
      `Columns: ${names.join(', ')}; label column: ${label}.`,
    fallbackLabel: 'Label for pictures whose name tells none',
    noFallback: 'leave them out',
    inverted: 'Pictures show dark ink on light paper (they are inverted)',
    stays: 'Files are read by this page only. Nothing is uploaded.',
    importing: 'Reading…',
    importFailed: 'The import stopped unexpectedly. Nothing was added.',
    added: (n: number) => (n === 0 ? 'Nothing was added.' : `${examples(n)} added.`),
    rejectedCount: (n: number) => `${count(n)} left out`,
    acceptedCount: (n: number) => `${examples(n)} taken`,
    andMore: (n: number) => `and ${count(n)} more`,
    line: (n: number) => `No. ${count(n)}`,
    drawHint:
      'Draw with finger, pen or mouse. By keyboard: arrow keys move the pen, Space lowers or lifts it, Enter adds the drawing.',
    canvas: (label: string) => `Drawing area for the label ${label}`,
    preview: 'As the model sees it',
    drawnLabel: 'This is a',
    addDrawing: 'Add drawing',
    clearDrawing: 'Clear',
    nothingDrawn: 'Nothing is drawn yet.',
    drawingAdded: (label: string) => `One ${label} added.`,
    drawingNotAdded: 'The drawing was not added.',
    sampleWhat: {
      image: 'Handwritten-looking digits made up on this device, in a handwriting of its own.',
      tabular: 'Rows made up on this device to fit the columns of this run.',
      text: 'Sentences made up on this device.',
    },
    sampleNote: 'Good for trying it out; real data is what makes the model useful.',
    sampleNotPossible: 'A sample for this kind of pictures cannot be made up. Add files instead.',
    addSample: (n: number) => `Add ${count(n)} generated examples`,
    deleteAll: 'Delete all examples',
    deleteSure: 'Delete every example from this device? This cannot be undone.',
    deleteYes: 'Yes, delete them',
    deleteNo: 'Keep them',
    rejection: (reason: RejectionReason): string => {
      switch (reason.kind) {
        case 'file-kind-unknown':
          return 'not a kind of file that this run can use';
        case 'file-too-large':
          return `larger than ${bytes(reason.limitBytes)} unpacked`;
        case 'file-unreadable':
          return 'cannot be read, damaged, or not what its name says';
        case 'kind-not-wanted':
          return `this run learns from ${{ image: 'pictures', tabular: 'tables (CSV)', text: 'plain text' }[reason.wanted]}`;
        case 'idx-magic':
          return `not an IDX file of the expected kind (it starts with ${`0x${reason.found.toString(16).padStart(8, '0')}`})`;
        case 'idx-length':
          return `incomplete: ${count(reason.expectedBytes)} bytes expected, ${count(reason.foundBytes)} found`;
        case 'idx-image-size':
          return `its images are ${reason.found}, this run needs ${reason.expected} (width x height x channels)`;
        case 'idx-without-partner':
          return reason.has === 'images'
            ? 'images without their label file; choose both together'
            : 'labels without their image file; choose both together';
        case 'idx-count-mismatch':
          return `${count(reason.images)} images but ${count(reason.labels)} labels`;
        case 'label-unknown':
          return `the label “${reason.label}” is not one of this run`;
        case 'label-missing':
          return 'no label: neither its name nor its folder is one of the labels of this run';
        case 'column-missing':
          return `the column “${reason.column}” is missing`;
        case 'column-count':
          return `${plural(reason.found, 'value', 'values')}, but the header has ${count(reason.expected)}`;
        case 'value-missing':
          return `no value in “${reason.column}”`;
        case 'value-not-a-number':
          return `“${reason.value}” in “${reason.column}” is not a number`;
        case 'category-unknown':
          return `“${reason.value}” is not a category of “${reason.column}”`;
        case 'text-too-short':
          return `shorter than ${count(reason.needed)} characters`;
      }
    },
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
      'too-few-ready': 'The round was given up: too few participants got ready in time.',
      'too-few-survivors': 'The round was given up: too few updates arrived.',
      stopped: 'The round was stopped.',
      'aggregation-failed': 'The round was given up: the coordinator could not combine the updates.',
    } satisfies Record<WaitingReason, string>,
    left: {
      'stopped-by-person': 'Stopped. Your examples stay on this device; Start comes back at any time.',
      'training-failed': 'Training did not work on this device, so it left the run.',
      'out-of-time': 'This device was too slow for the round and left the run.',
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
    total: 'Total',
    totalOf: (size: string, n: number) => `${size} in ${plural(n, 'message', 'messages')}`,
    time: 'Time',
    what: 'What',
    bytes: 'Size',
    hash: 'SHA-256',
    newest: (n: number) => `The newest ${count(n)} are listed; the total counts all.`,
    uploadsOnly: 'Show model updates only',
    noUploads: 'No model update has left this device yet.',
    counts:
      'Sizes count what the page hands to the browser; the browser adds its own headers, as with every page.',
    download: 'Download the last update exactly as sent',
  },

  admin: {
    title: 'Dashboard',
    loginTitle: 'Operator log-in',
    loginHint:
      'The coordinator printed a token when it was first started. `npm run tributary -- token` makes a new one.',
    token: 'Operator token',
    login: 'Log in',
    loginFailed: 'This token is not accepted.',
    offline:
      'The coordinator does not answer. What you see is the last that was known; this page keeps asking.',
    runs: 'Runs',
    allRuns: 'All runs',
    noRuns:
      'No runs yet. Create one from a template; it starts paused, so nothing happens before you launch it.',
    create: 'New run',
    name: 'Name',
    status: 'Status',
    isNew: 'new',
    rounds: 'Rounds',
    present: 'Present',
    accuracy: 'Accuracy',
    created: 'Created',
    runGone: 'There is no such run.',
    actions: { launch: 'Launch', pause: 'Pause after this round', resume: 'Resume', stop: 'Stop' },
    stopQuestion:
      'Stop this run? A stopped run cannot be resumed. Participants are told that it is over; the round in progress is abandoned. The model of the last committed round stays and can be downloaded.',
    stopYes: 'Stop the run',
    cancel: 'Cancel',
    invite: 'Invite participants',
    inviteHint:
      'Everyone with this link can take part until it expires. The ticket in it is in the part of the address that browsers do not send.',
    makeInvite: 'Make a join link',
    joinLink: 'Join link',
    copy: 'Copy',
    copied: 'Copied',
    expires: (when: string) => `Valid until ${when}.`,
    downloadModel: 'Download model',
    createTitle: 'Create a run',
    template: 'Template',
    manifest: 'Task manifest (JSON)',
    notJson: (message: string) => `This is not JSON: ${message}`,
    faults: (n: number) => plural(n, 'field does not fit', 'fields do not fit'),
    valid: 'The manifest is valid.',
    createRun: 'Create run',
    noTemplates: 'The coordinator offers no templates; write a manifest below.',
    now: 'This round',
    noRound: 'No round is under way.',
    roundOf: (round: number) => `Round ${count(round)}`,
    closesIn: (seconds: number) => (seconds <= 0 ? 'closing now' : `at most ${duration(seconds)} left`),
    noClock: 'waiting until enough participants are here',
    phases: {
      selecting: 'Gathering candidates',
      training: 'Participants train',
      cohortClosed: 'Cohort is being fixed',
      reporting: 'Updates arrive',
      aggregating: 'Computing the next model',
      committed: 'Committed',
      abandoned: 'Abandoned',
    },
    funnel: 'Funnel',
    overall: 'All rounds',
    invited: 'invited',
    trained: 'trained',
    accepted: 'accepted',
    goal: (goal: number, minimum: number) => `goal ${count(goal)}, at least ${count(minimum)}`,
    curves: 'Learning curves',
    noCurves: 'Curves appear after the first committed round.',
    validationAccuracy: 'Validation set',
    participantAccuracy: 'Participants’ own data',
    validationLoss: 'Validation set',
    soloAccuracy: 'Best participant alone',
    accuracyChart: 'Accuracy by round',
    lossChart: 'Loss by round',
    chartSummary: (label: string, first: string, last: string, round: number) =>
      `${label}: from ${first} to ${last} in round ${count(round)}.`,
    participants: 'Participants',
    noParticipants: 'Nobody is here. Invite somebody, or wait until they come back.',
    label: 'Participant',
    backend: 'Backend',
    undecided: 'not chosen yet',
    examples: 'Examples',
    stage: 'Stage',
    stages: {
      waiting: 'waiting',
      training: 'training',
      ready: 'ready',
      reported: 'update arrived',
      dropped: 'dropped',
    },
    progress: 'Progress',
    speed: 'Examples / s',
    acceptedUpdates: 'Accepted',
    roundsTable: 'Finished rounds',
    noRounds: 'No round has finished yet.',
    outcome: 'Outcome',
    outcomes: { committed: 'committed', abandoned: 'abandoned' },
    reasons: {
      'too-few-ready': 'too few ready',
      'too-few-survivors': 'too few updates',
      stopped: 'stopped',
      'aggregation-failed': 'could not be combined',
    } satisfies Record<AbandonReason, string>,
    seconds: 'Took',
    up: 'Received',
    down: 'Sent',
    traffic: (up: string, down: string) => `${up} received, ${down} sent in finished rounds`,
    newestRounds: (n: number) => `The newest ${count(n)} are listed.`,
  },

  /** For codes that a person can do something about; the others show the coordinator's own message. */
  errors: {
    'ticket-expired': 'Your invitation has expired. Ask for a fresh link.',
    'ticket-invalid': 'Your invitation is not valid here. Ask for the link again.',
    'identity-in-use': 'This device already takes part in another tab or window.',
    'not-eligible': 'This run asks for more examples than you have.',
    'run-not-open': 'This run takes no participants at the moment.',
    'too-many-connections': 'The coordinator is full at the moment. It will be tried again.',
    'backend-unavailable': 'None of the ways to train works in this browser.',
    'training-diverged': 'Training went astray: the numbers stopped making sense. This round is left out.',
    'model-unsupported': 'This browser cannot train this kind of model.',
    'data-missing': 'There are no examples to train on.',
    'storage-full': 'This device has no room left for more. Nothing of it was added.',
    'data-invalid': 'Your examples do not fit this run.',
    'protocol-unsupported': 'This page is older or newer than the coordinator. Reload it.',
    unauthorised: 'Log in again: your session is not valid any more.',
    conflict: 'The run is not in a state that allows this.',
    'rate-limited': 'Too many attempts. Wait a moment.',
  } satisfies Partial<Record<ErrorCode, string>> as Partial<Record<ErrorCode, string>>,
};
