/** Words of the participant page, but for its data. */
import type { LeaveReason, ParticipationActivity, WaitingReason } from '@tributary/fl-core';
import type { LedgerEntry, LedgerKind, LedgerSubject } from '@tributary/participant';
import type { ConsentChange } from '../../participant-page/consent-receipt.ts';
import { count, duration, exact, percent, plural } from '../figures.ts';

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
    unreachable: 'Check your connection. This page asks again by itself.',
    failedTitle: 'The coordinator answered with an error',
  },

  device: {
    insecureTitle: 'This page was not loaded over a secure connection',
    insecure:
      'Its address begins with http:// and is not localhost, so the browser switches some abilities off, and anybody on the network between you and the coordinator could read and change what passes. Ask the operator for a link that begins with https:// (the coordinator can make its own certificate: “--tls self-signed”).',
    insecureDetails: 'What works without it, and what does not',
    insecureMeans: [
      'Works: adding examples, training (with WebAssembly, more slowly than with the graphics processor), taking part, the list of what left.',
      'Does not work: training on the graphics processor (WebGPU), and encrypted storage of your examples (WebCrypto).',
      'The key of this device is made by this page itself, and lies readable in the storage of this site.',
      'The browser cannot tell the page whether another tab takes part (Web Locks): use one tab only.',
    ],
    noStorageTitle: 'This browser gives the page no storage',
    noStorage:
      'Perhaps this is a private window. You can take part, but your examples and the list of what was sent are forgotten when you close or reload the page.',
    noWorkersTitle: 'This browser cannot run background workers',
    noWorkers:
      'Training runs in one, so this browser cannot take part. A current Chrome, Edge, Firefox or Safari can.',
    noWebGpu:
      'This browser has no WebGPU: training uses WebGL or the processor instead. That can be slower; the result counts just the same.',
  },

  overview: {
    leaves: (size: string) =>
      `in each round what training changed in the model (${size}), and a few figures about it`,
    stays: 'your examples. Training happens in this browser',
    careful: 'Note:',
    visible:
      'the coordinator sees your change to the model by itself, and may be able to infer things about your examples from it',
    agree: 'Agree',
    addData: 'Add examples',
    dataHow: 'Choose files, draw, or try a generated sample',
    dataIsHere: 'Your examples are here. See them',
    start: 'Start',
    startHow: 'Go to the Start button',
    started: 'You are taking part. See how it goes',
    done: 'done',
  },

  consent: {
    signing: 'Signing your consent with the key of this device…',
    failed:
      'Your consent could not be signed: this browser gives the page no key. Without it, taking part cannot start.',
    signedNotKept:
      'Signed with the key of this device. This browser keeps nothing for this page, so the receipt is gone with it unless you download it.',
    signed: 'Signed with the key of this device, and kept here.',
    save: 'Download the receipt',
    againTitle: 'Please read again: this is not what you agreed to before',
    again: 'Taking part has not gone on. What is different:',
    changes: {
      device: 'this device has another key than the one that signed',
      coordinator: 'the run is at another address now',
      language: 'the language of this page: you agreed to the text in another one',
      text: 'the text about what leaves and what stays',
      model: 'the model, and so the size and content of what leaves',
      data: 'the kind of data that the run learns from',
      training: 'how your device trains',
      privacy: 'how your update is protected before it leaves',
      compression: 'the form in which your update leaves',
      secureAggregation: 'whether the coordinator can see your update by itself',
    } satisfies Record<ConsentChange, string>,
    howToVerify:
      'The signature is Ed25519 (RFC 8032), by the publicKey named in the claims, over: the length 20 as 4 bytes (little-endian), the text "tributary/consent/v1", the length of the claims in bytes as 4 bytes (little-endian), and the claims (UTF-8), exactly as they stand in this file once the JSON string is decoded. textSha256 in the claims is the SHA-256 of the field text (UTF-8).',
  },

  otherTab: {
    title: 'Another tab of this browser takes part in this run',
    phases: {
      idle: 'It is getting ready.',
      checkingIn: 'It is connecting to the coordinator.',
      waiting: 'It is waiting for the next round.',
      downloading: 'It is downloading the model.',
      training: 'It is training.',
      ready: 'It has trained, and waits for the others.',
      offering: 'It has trained, and waits for the others.',
      sharing: 'It is preparing the secure sum with the others.',
      masking: 'It is masking its update.',
      uploading: 'It is sending its update.',
      reported: 'Its update has arrived.',
      confirming: 'It is comparing with the others who is in the sum.',
      revealing: 'It is helping to open the sum.',
      ended: 'The run is over.',
      refused: 'The coordinator did not let it take part.',
      left: 'It has left the run.',
    } satisfies Record<ParticipationActivity['phase'], string>,
    figures: (round: number | null, contributions: number, fraction: number | null) =>
      [
        round === null ? '' : `Round ${count(round)}${fraction === null ? '' : `, ${percent(fraction)}`}. `,
        `${plural(contributions, 'accepted update', 'accepted updates')} so far.`,
      ].join(''),
    takeOver: 'Take part in this tab instead',
    takeOverDoes: 'The other tab stops; this one goes on where it was. Only one tab takes part at a time.',
  },

  trial: {
    title: 'Try the model on your own examples',
    what: 'Asks the coordinator for the newest shared model (two entries in the list of what left) and looks at what it says about the examples that you hold out. Nothing about your examples is sent.',
    noneHeldOut: 'This needs examples that are held out. Add some more; about a fifth is.',
    open: 'Try the newest shared model',
    openAgain: 'Fetch the newest again',
    train: 'Train it on my examples and compare',
    cancel: 'Cancel',
    opening: 'Fetching the model and measuring it…',
    training: 'Training a copy on your examples; nothing is sent',
    failed: 'This did not work. The coordinator may be away; try again in a moment.',
    of: (rounds: number, n: number) =>
      `The shared model after ${plural(rounds, 'round', 'rounds')}, on ${plural(n, 'example', 'examples')} of yours that never train.`,
    shared: 'Shared model',
    trained: 'After training here',
    loss: (loss: string) => `loss ${loss}`,
    show: 'Show',
    confusion: 'What is taken for what',
    isAndSays: 'is ↓ says →',
    mistakes: 'The most frequent mistakes',
    mistake: (is: string, says: string, times: number) =>
      `${is} taken for ${says}: ${plural(times, 'time', 'times')}`,
    single: 'One by one',
    wrongOnly: 'Only the wrong ones',
    noneWrong: 'None.',
    first: (shown: number, of: number) => `The first ${count(shown)} of ${count(of)}.`,
    says: (label: string, probability: string) => `says ${label} (${probability})`,
    right: 'right',
    wrong: (label: string) => `is ${label}`,
  },

  erase: {
    title: 'Leave and erase',
    erases: 'This erases from this browser',
    erased: [
      'the data sets on this device that this run can use, with their keys',
      'the key of this device: if you come back, the coordinator takes you for somebody else, in every run',
      'the list of what left, and the kept copies of it',
      'your consent and its receipt, for every run',
      'language, colours, and what else this page remembers',
    ],
    cannot: 'What cannot be undone',
    updatesStay: (n: number) =>
      n === 0
        ? 'no update of yours is in the model, as far as this device knows'
        : `${plural(n, 'update', 'updates')} of yours ${n === 1 ? 'is' : 'are'} in the model and cannot be taken out again`,
    remains: [
      'what is summed into the shared model stays in it',
      'the coordinator keeps its records: the public name of this device, by which invite it came, and in which rounds an update of it was accepted; whoever runs it, or a proxy before it, may have noted network addresses',
      'the history of this browser may still hold the link with your ticket',
    ],
    alsoOthers: (n: number) => `Also erase ${plural(n, 'data set', 'data sets')} for runs of another kind`,
    button: 'Leave and erase',
    question: 'Leave the run and erase all of this from this browser? This cannot be undone.',
    yes: 'Yes, leave and erase',
    no: 'Keep it',
    busy: 'Saying goodbye and erasing…',
    here: 'Erase what this page keeps here',
    hereQuestion:
      'Erase from this browser, for every run: all data sets, the key of this device, the list of what left, and every consent? This cannot be undone.',
    hereFailed: 'Not everything could be erased. Try again.',
    doneTitle: 'Erased',
    done: 'Everything that was listed is erased from this browser.',
    kept: (n: number) =>
      `As you chose, ${plural(n, 'data set', 'data sets')} for runs of another kind ${n === 1 ? 'stays' : 'stay'} in this browser.`,
    again: 'To take part again, open the join link. You start as somebody new.',
  },

  privacy: {
    title: 'What leaves this device, and what never does: word for word',
    leaves: 'Leaves',
    stays: 'Never leaves',
    size: (size: string) => `about ${size}`,
    update: (size: string) =>
      `In each round you take part in: a model update of ${size}, the change that training on your examples made to the model`,
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
      `Before it leaves, your update is shortened to a length of at most ${exact(norm)} (L2 norm), which bounds how much one person can move the model.`,
    rounded: (bound: number) =>
      `Each change of a parameter is cut off at ±${exact(bound)} and rounded, up or down at random.`,
    roundedToSteps:
      'Each change of a parameter is rounded, up or down at random, to steps that are the same for everybody in a round.',
    sampled: 'Only a part of your update is sent, drawn anew for each round: the same part from everybody.',
    coded: 'Your update is simplified before it leaves: what arrives is an approximation, in fewer bytes.',
    lossIsKept:
      'What was lost is kept on this device and added next time. It can tell as much about your examples as an update, and is erased here with everything else.',
    notClipped: 'The length of your update is not limited by this run.',
    codeNote:
      'The coordinator also serves the code of this page. No web page can prove to you that it does only what it says.',
    consent: 'I have read what leaves this device, and I want to take part',
  },

  taking: {
    title: 'Take part',
    start: 'Start',
    startAgain: 'Start again',
    startDoes: 'Connects to the coordinator, and trains whenever a round needs you.',
    resume: 'Go on',
    resumeDoes: 'You have paused. Going on takes part from the next round.',
    pauseAfterRound: 'Finish this round, then pause',
    pauseAfterRoundDoes: 'The polite way: what you have trained still counts.',
    pauseNow: 'Pause now',
    pauseNowDoes: 'Leaves this round at once; its training is lost. You can go on later.',
    goOn: 'Do not pause',
    goOnDoes: 'Takes the pause back.',
    stop: 'Stop',
    stopDoes: 'Ends taking part. Your examples stay here, and nothing goes on by itself.',
    busy: {
      starting: 'Starting…',
      pausing: 'Pausing when this round is done…',
      stopping: 'Stopping…',
      erasing: 'Saying goodbye and erasing…',
    },
    runCompleted: 'This run is complete and takes no further updates.',
    runStopped: 'The operator has stopped this run; it takes no further updates.',
    needsConsent: 'Tick the consent box first.',
    needsExamples: (n: number) => `Add ${examples(n)} more first.`,
    resumed: 'Welcome back. You had started before, so this page went on by itself.',
    contributions: 'Your accepted updates',
    backend: 'Trains with:',
    backendPending: 'chosen when the first training begins',
    whyNot: 'Why not a faster one?',
    lost: {
      reopened: (name: string) =>
        `${name} was lost in the middle of training and has been opened again. Training went on from the last finished epoch; the one after it is repeated.`,
      passedOver: (name: string, next: string) =>
        `${name} was lost in the middle of training. Training went on with ${next} from the last finished epoch; the one after it is repeated.`,
    },
    kernelFailed: (name: string, kernel: string) =>
      `${name} gave a wrong result for “${kernel}” when it was tested on this device, so this version of it is not used.`,
    workLimit: {
      title: 'How hard this device may work',
      does: 'Training rests in between, so it takes longer and warms the device less. The result is the same. The choice counts at once.',
      choice: (share: number) => `${percent(share)} of the time`,
    },
    speed: (perSecond: number) => `${count(Math.round(perSecond))} examples per second`,
    leaveOpen: 'Keep this tab open. In the background it goes on, perhaps more slowly.',
    faults: 'Something did not work',
    goesOn: 'Taking part goes on by itself where it can.',
  },

  activity: {
    idle: 'Not started.',
    paused: 'Paused. Your examples stay on this device.',
    starting: 'Getting ready…',
    checkingIn: 'Connecting to the coordinator…',
    reconnecting: 'The connection is lost. Trying to reconnect; nothing of yours is lost.',
    downloading: 'Downloading the current model',
    downloadRetry: 'The model could not be downloaded yet; trying again shortly.',
    training: (n: number) => `Training on your ${examples(n)}`,
    preparing: 'Preparing to train: choosing the fastest way this device offers',
    measuring: 'Measuring the shared model on your held-out examples',
    ready: 'Trained. Waiting until enough others are ready, too.',
    offering: 'Trained. Waiting until enough others are ready for a secure sum, too.',
    sharing: 'Sharing secrets with the others of the group; your update is still here',
    masking: 'Masking your update',
    masked: 'Masked. Waiting for permission to send.',
    confirming: 'Comparing with the others who is in the sum',
    revealing: 'Helping to open the sum of the group',
    uploading: 'Sending your update',
    uploadRetry: 'Sending your update did not work; trying again shortly.',
    reported: 'Your update has arrived. Waiting for the round to close.',
    completed: 'The run is complete. Thank you for taking part.',
    stopped: 'The operator has stopped this run. Thank you for taking part.',
    refused: 'The coordinator did not let this page take part.',
    trainingLeft: (seconds: number) =>
      `About ${duration(seconds)} of training left, at the speed measured here.`,
    deadline: (seconds: number) => `The coordinator waits ${duration(seconds)} more.`,
    elapsed: (seconds: number) => `For ${duration(seconds)}.`,
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
      'secure-sum-lost':
        'This device dropped out of the secure sum: its secrets are never stored, and the page was reloaded or too late. The next round is a new chance.',
      'secure-sum-refused':
        'This device refused the secure sum of this round. Why is below. Waiting for the next round.',
      'secure-sum-faulty': 'The coordinator did not accept a message of this device in the secure sum.',
      'update-lost': 'Your update is no longer on this device, so the round goes on without it.',
      'too-few-ready': 'The round was given up: too few participants got ready in time.',
      'too-few-survivors': 'The round was given up: too few updates arrived.',
      stopped: 'The round was stopped.',
      'aggregation-failed': 'The round was given up: the coordinator could not combine the updates.',
      'sum-wrapped':
        'The round was given up: together, the updates were larger than expected. The next round leaves more room.',
      'sum-too-coarse':
        'The round was given up: together, the updates were smaller than their rounding. The next round rounds more finely.',
      'encoding-refused':
        'This device refused the round: the coordinator asked for the update in a form that the plan does not allow. Waiting for the next round.',
    } satisfies Record<WaitingReason, string>,
    left: {
      'stopped-by-person': 'Stopped. Your examples stay on this device; Start comes back at any time.',
      'device-failed': 'This device could not keep a record of what it sends, so it left the run.',
      'plan-changed':
        'The plan of this run is not the one that you agreed to, so this device left. Reload the page to read the new one.',
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
    label: ({ subject, roundNumber, times, bits }: LedgerEntry): string => {
      const round = roundNumber === null ? '' : ` (round ${count(roundNumber)})`;
      const coded = bits === undefined ? '' : `, ${plural(bits, 'bit', 'bits')} a value`;
      return `${subjects[subject]}${times > 1 ? `, ${count(times)} times` : ''}${coded}${round}`;
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
  'check-in':
    'check-in: ticket, public key and signature of this device, backend, number of examples (with secure aggregation: that there are enough)',
  progress: 'progress of training (without secure aggregation: and its speed)',
  announcement: 'announcement of the update: its hash and length, number of examples',
  'held-out-accuracy': 'accuracy and loss of the shared model on your held-out examples',
  'keys-offer': 'public keys for a secure sum, signed',
  'sealed-shares': 'encrypted pieces of this device’s secrets, for others of the group',
  'masked-announcement': 'announcement of the masked update: its hash and length',
  'survivors-signature': 'signature under the list of those in the sum',
  'revealed-shares': 'pieces of others’ secrets that open the sum, and no single update',
  withdrawal: 'withdrawal from a round',
  goodbye: 'goodbye',
  'model-request': 'request for the shared model',
  'coded-model-request': 'request for the shared model, compressed',
  'model-changes-request':
    'request for what changed in the shared model; it names the version that is on this device',
  'upload-question': 'question how much of your model update arrived before the connection broke',
  update: 'your model update',
  'rest-of-update': 'the rest of your model update, which the broken connection left over',
  'masked-update': 'your model update, masked',
  'rest-of-masked-update': 'the rest of your masked update, which the broken connection left over',
};
