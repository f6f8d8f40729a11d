/** Words of the dashboard, but for the form of a new run. */
import type { AbandonReason, DropReason, SecureSumRecord, SecureSumStage } from '@tributary/fl-core';
import { count, duration, plural } from '../figures.ts';

export const admin = {
  admin: {
    thisDevice: 'This device',
    title: 'Dashboard',
    loginTitle: 'Operator log-in',
    loginHint:
      'The coordinator printed a token when it was first started. `npm run tributary -- token` makes a new one.',
    token: 'Operator token',
    login: 'Log in',
    loginFailed: 'This token is not accepted.',
    sessionExpired: 'Your session is over. Log in again; you come back to where you were.',
    logOut: 'Log out',
    loggedInAs: (name: string, role: string) => `${name} (${role})`,
    roles: { viewer: 'viewer', operator: 'operator', owner: 'owner' },
    offline:
      'The coordinator does not answer. What you see is the last that was known; this page keeps asking.',
    noAnswer: 'The coordinator cannot be reached, or something went wrong in it.',
    onlyOperators:
      'You may look at this run. Steering it, inviting people and creating runs needs the role operator or owner.',
    onlyOwners: 'Only owners see and name the people who operate this coordinator.',

    runs: 'Runs',
    allRuns: 'All runs',
    noRuns:
      'No runs yet. Create one from a template; it starts paused, so nothing happens before you launch it.',
    create: 'New run',
    clone: 'Clone',
    name: 'Name',
    status: 'Status',
    isNew: 'new',
    rounds: 'Rounds',
    present: 'Present',
    accuracy: 'Accuracy',
    created: 'Created',
    runGone: 'There is no such run.',
    runViewsLabel: 'Views of this run',
    runViews: { overview: 'Overview', rounds: 'Rounds', model: 'Model', invites: 'Invites', log: 'Log' },

    actions: { launch: 'Launch', pause: 'Pause after this round', resume: 'Resume', stop: 'Stop' },
    stopQuestion:
      'Stop this run? A stopped run cannot be resumed. Participants are told that it is over; the round in progress is abandoned. The model of the last committed round stays and can be downloaded.',
    stopYes: 'Stop the run',
    cancel: 'Cancel',
    rollBack: 'Go back here',
    rollBackTo: (round: number) => `Go back to round ${count(round)}`,
    rollBackToStart: 'Go back to the first model',
    rollBackHint: 'The run can go on from an earlier model: choose the round to go back to.',
    rollBackWhenPaused: 'To go back to an earlier model, pause the run first.',
    rollBackQuestion: (round: number, leftBehind: number) =>
      `Go on from ${round === 0 ? 'the first model' : `the model of round ${count(round)}`}? ${plural(leftBehind, 'later round is', 'later rounds are')} left behind: their records and models stay and can be looked at, but the next round no longer builds on them. The run stays paused until you resume it.`,
    rollBackYes: 'Roll back',
    leftBehind: 'left behind',

    log: 'Who steered this run',
    noLog: 'Nobody has steered this run yet.',
    when: 'When',
    who: 'Who',
    did: 'Did',
    detail: 'Detail',
    logActions: {
      create: 'created the run',
      launch: 'launched it',
      pause: 'paused it',
      resume: 'resumed it',
      stop: 'stopped it',
      rollback: 'rolled it back',
      invite: 'made an invite',
      'revoke-invite': 'revoked an invite',
    },

    invite: 'Invite participants',
    inviteHint:
      'Everyone with a join link can take part until it expires. The ticket in it is in the part of the address that browsers do not send.',
    inviteRunOver: 'This run has ended and takes no more participants.',
    inviteLabel: 'Label',
    inviteLabelHint: 'For you, to tell links apart.',
    inviteValidity: 'Valid for',
    inviteValidityHint: 'Who has joined by then stays.',
    inviteDevices: 'Devices at most',
    inviteDevicesHint: 'Empty for any number.',
    inviteDevicesFault: 'A whole number from 1 to 1,000,000, or nothing.',
    forHours: (hours: number) =>
      hours < 24
        ? plural(hours, 'hour', 'hours')
        : hours < 24 * 365
          ? plural(hours / 24, 'day', 'days')
          : 'a year',
    makeInvite: 'Make a join link',
    joinLink: 'Join link',
    linkOf: (name: string) => `Link: ${name}`,
    copy: 'Copy',
    copied: 'Copied',
    invites: 'Join links',
    noInvites: 'No join link has been made for this run.',
    unnamedInvite: (when: string) => `Made on ${when}`,
    devicesJoined: (devices: number, maximum: number | null) =>
      maximum === null
        ? `${plural(devices, 'device', 'devices')} joined`
        : `${count(devices)} of ${plural(maximum, 'device', 'devices')} joined`,
    expires: (when: string) => `valid until ${when}`,
    expiredAt: (when: string) => `expired on ${when}`,
    revokedAt: (when: string) => `revoked on ${when}`,
    revoke: 'Revoke',
    revokeQuestion: (name: string) =>
      `Revoke “${name}”? Nobody can join by this link any more. Devices that have joined stay.`,
    revokeYes: 'Revoke the link',
    qrCode: 'QR code',
    qrCodeOf: (name: string) => `QR code of the join link: ${name}`,
    addresses: 'Where to find this coordinator',
    tlsKinds: {
      none: 'Without TLS. On addresses other than localhost browsers then switch off the graphics processor and parts of cryptography, and anybody on the way could read and change what passes. `--tls self-signed` helps.',
      files: 'With a certificate from files.',
      'self-signed': 'With a certificate that this coordinator signed itself.',
    },
    fingerprint: 'SHA-256 fingerprint of the certificate',
    fingerprintHint:
      'Browsers warn of this certificate on the first visit. Write address and fingerprint on the board: participants compare it with what their browser shows before they go on.',

    downloadModel: 'Download model',
    modelOfRound: 'Which model',
    newestModel: 'The newest',
    download: 'Download',
    downloadAs: (format: string) => `Download: ${format}`,
    adapt: {
      title: 'Go on from this model',
      hint: 'A run that trains adapters beside this model, which stays as it is: for other data, with updates a fraction of the size.',
      begin: 'Adapt this model',
    },
    formats: {
      tfjs: {
        title: 'TensorFlow.js layers model',
        hint: 'For web pages and Node: topology and weights, as tf.loadLayersModel reads them.',
      },
      onnx: {
        title: 'ONNX',
        hint: 'For ONNX Runtime and other engines, in any language: input to probabilities in one file.',
      },
      safetensors: {
        title: 'safetensors',
        hint: 'For Python: one file of named tensors, as PyTorch, JAX and others read it.',
      },
      adapters: {
        title: 'Adapters',
        hint: 'Only what this run trained, as safetensors; ONNX and safetensors hold the base model, too.',
      },
      frame: { title: 'Frame', hint: 'Tributary’s own binary form, as participants download it.' },
    },
    modelCard: 'Model card',
    downloadCard: 'Download the card',

    people: 'People',
    operators: 'Who operates this coordinator',
    role: 'Role',
    roleHints: {
      viewer: 'Looks at runs, and downloads curves and models.',
      operator: 'Also creates and steers runs, and invites participants.',
      owner: 'Also names operators and takes their access away.',
    },
    you: 'you',
    lastSeen: 'Last seen',
    never: 'never',
    access: 'Access',
    newOperator: 'Add somebody',
    operatorNameHint: 'Appears in the log of what was done.',
    createOperator: 'Add and make a token',
    tokenFor: (name: string) => `Token for ${name}`,
    tokenOnce:
      'Hand it on now, over a channel that you trust: it is shown only this once, and the coordinator keeps no copy that could be read.',
    loginLink: 'Log-in link',
    tokenRead: 'I have handed it on',
    newToken: 'New token',
    newTokenQuestion: (name: string) =>
      `Make a new token for ${name}? The old one and every session opened with it end at once.`,
    newTokenYes: 'Make a new token',
    remove: 'Remove',
    removeQuestion: (name: string) =>
      `Remove ${name}? The token and every session opened with it end at once.`,
    removeYes: 'Remove',

    now: 'This round',
    noRound: 'No round is under way.',
    roundOf: (round: number) => `Round ${count(round)}`,
    closesIn: (seconds: number) => (seconds <= 0 ? 'closing now' : `at most ${duration(seconds)} left`),
    noClock: 'waiting until enough participants are here',
    phases: {
      selecting: 'Gathering candidates',
      training: 'Participants train',
      cohortClosed: 'Cohort is being fixed',
      sharing: 'Members share secrets',
      reporting: 'Updates arrive',
      confirming: 'Survivors are confirmed',
      unmasking: 'Shares are revealed',
      aggregating: 'Computing the next model',
      committed: 'Committed',
      abandoned: 'Abandoned',
    },
    timeline: 'Where the time goes',
    funnel: 'Funnel',
    overall: (committed: number, abandoned: number) =>
      abandoned === 0
        ? `${plural(committed, 'round', 'rounds')} so far`
        : `${plural(committed, 'round', 'rounds')} so far, and ${count(abandoned)} abandoned`,
    candidates: 'candidates',
    invited: 'invited',
    trained: 'trained',
    accepted: 'accepted',
    droppedOut: 'Dropped out:',
    dropReasons: {
      left: 'left',
      'away-too-long': 'away too long',
      'deadline-passed': 'too late',
      'cohort-full': 'cohort was full',
      'update-refused': 'update refused',
      'secure-sum-faulty': 'fault in the secure sum',
      withdrew: 'could not finish',
    } satisfies Record<DropReason, string> as Readonly<Record<string, string>>,
    goal: (goal: number, minimum: number) => `goal ${count(goal)}, at least ${count(minimum)}`,
    traffic: (up: string, down: string) => `${up} received, ${down} sent in finished rounds`,

    secureSum: {
      title: 'Secure sum',
      cohort: 'cohort',
      stages: {
        sharing: 'shared their secrets',
        masking: 'masked and sent',
        confirming: 'confirmed the survivors',
        revealing: 'revealed shares',
      } satisfies Record<SecureSumStage, string>,
      underWay: 'under way',
      of: (members: number, cohort: number) => `${count(members)} of ${count(cohort)}`,
      minimum: (survivors: number) =>
        `The line marks the fewest that may be summed: ${count(survivors)}. With fewer, nothing is unmasked.`,
      graphOf: ({ graph, degree, shareThreshold }: SecureSumRecord) =>
        `${graph === 'complete' ? 'Everybody shares with everybody' : `Each shares with ${plural(degree, 'neighbour', 'neighbours')}`}; ${plural(shareThreshold, 'share rebuilds', 'shares rebuild')} a secret.`,
      inSum: 'In the sum',
      labels: {
        'curious server': {
          name: 'Curious server',
          means:
            'a coordinator that follows the protocol learns the sum only, and who took part when. One that lies is not excluded.',
        },
        'active server': {
          name: 'Active server',
          means:
            'also a coordinator that lies about who dropped out learns sums only, provided that code and identities are pinned.',
        },
      } satisfies Record<SecureSumRecord['label'], { name: string; means: string }>,
    },

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
    smoothing: 'Smoothing',
    logarithmicLoss: 'Logarithmic loss axis',
    leftBehindHint: 'Dotted: rounds that were left behind when the run went back to an earlier model.',
    goBackByCurve: 'The run is at rest: click a round in a chart to go back to it.',
    curvesAsTable: 'Show the values as a table',
    accuracyOnValidation: 'Accuracy, validation set',
    accuracyOnOwn: 'Accuracy, participants’ own data',
    lossOnValidation: 'Loss, validation set',
    saveCsv: 'Save as CSV',
    savePicture: 'Save as PNG',

    participants: 'Participants',
    noParticipants: 'Nobody is here. Invite somebody, or wait until they come back.',
    participantColumns: {
      label: 'Participant',
      backend: 'Backend',
      exampleCount: 'Examples',
      stage: 'Stage',
      progress: 'Progress',
      examplesPerSecond: 'Examples / s',
      acceptedUpdates: 'Accepted',
    },
    undecided: 'not chosen yet',
    stages: {
      waiting: 'waiting',
      training: 'training',
      ready: 'ready',
      reported: 'update arrived',
      dropped: 'dropped',
    },
    showMore: (n: number) => `Show more of the ${count(n)} others`,

    roundsTable: 'Finished rounds',
    noRounds: 'No round has finished yet.',
    outcome: 'Outcome',
    outcomes: { committed: 'committed', abandoned: 'abandoned' },
    reasons: {
      'too-few-ready': 'too few ready',
      'too-few-survivors': 'too few updates',
      stopped: 'stopped',
      'aggregation-failed': 'could not be combined',
      'sum-wrapped': 'the sum did not fit; the step grows',
      'sum-too-coarse': 'lost in rounding; the step shrinks',
    } satisfies Record<AbandonReason, string>,
    seconds: 'Took',
    up: 'Received',
    down: 'Sent',
    upPerParameter: 'Received per parameter (bytes)',
    downPerParameter: 'Sent per parameter (bytes)',
    sum: {
      step: 'Step',
      nearEdge: 'Near the edge',
      alarms: {
        raised: 'more than planned: the step grows',
        severe: 'overflowed: not used',
        coarse: 'less than its rounding: not used',
      },
    },
  },
};
