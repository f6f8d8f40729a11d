/** Words about the examples on this device, their import, and the work on them. */
import type { VaultChange } from '@tributary/participant';
import type { RejectionReason } from '../../data-import/imported.ts';
import { bytes, count, duration, percent, plural } from '../figures.ts';

const examples = (n: number) => plural(n, 'example', 'examples');
const rows = (n: number) => plural(n, 'row', 'rows');

export const data = {
  data: {
    title: 'Your examples',
    fromBefore: 'Examples added before',
    none: 'No examples yet. Add some of your own, or take a generated sample to try it out.',
    have: (n: number) => `${examples(n)} in use`,
    split: (training: number, heldOut: number) =>
      `${count(training)} train the model, ${count(heldOut)} are held out to measure it. Which ones is decided once and stays.`,
    needed: (n: number) => `This run asks for at least ${examples(n)}.`,
    draw: 'Draw',
    choose: 'Choose files',
    chooseFolder: 'Choose a folder',
    dropHere: 'or drop files or folders here',
    accepts: {
      image:
        'PNG, JPEG or WebP pictures, an IDX pair (images + labels, also .gz), or a zip archive of them. A picture’s label comes from its folder (cat/001.png) or its name (cat-001.png).',
      tabular:
        'A CSV file with a header row; or without one, when it has exactly these columns in this order and the label last. Also as .gz or .zip.',
      text: 'Plain text files, also as .gz or .zip.',
    },
    columns: (names: readonly string[], label: string) =>
      `Columns: ${names.join(', ')}; label column: ${label}.`,
    fallbackLabel: 'Label for pictures whose name tells none',
    noFallback: 'leave them out',
    inverted: 'Pictures show dark ink on light paper (they are inverted)',
    encryptNew: 'Encrypt what I add on this device',
    encryptWhat:
      'With a key that belongs to the data set, that no page can read out, and that is destroyed with it: what is left on the disk is unreadable once the browser has let go of the key. Until then it does not protect against somebody who uses this browser or copies its whole profile. The name, file names and counts per label are not encrypted.',
    cannotEncrypt:
      'Not available here: it needs a secure connection (https) and a browser that can keep keys.',
    stays: 'Files are read by this page only. Nothing is uploaded.',
    importFailed: 'That did not work. Nothing was changed.',
    reading: (seconds: number) => (seconds < 1 ? 'Reading…' : `Reading for ${duration(seconds)}…`),
    readSoFar: (accepted: number, rejected: number) =>
      rejected === 0
        ? `${examples(accepted)} so far`
        : `${examples(accepted)} so far, ${count(rejected)} left out`,
    readingProgress: 'How far reading is',
    cancelReading: 'Cancel',
    storing: 'Storing on this device…',
    previewTitle: 'Before it is stored: is this right?',
    previewNothing: 'Nothing in it can be used',
    previewCounts: (accepted: number, rejected: number) =>
      rejected === 0
        ? `${examples(accepted)}, nothing left out.`
        : `${examples(accepted)} can be added, ${count(rejected)} are left out.`,
    previewSample: 'Some of them, as the model will see them',
    addThese: (n: number) => `Add ${examples(n)}`,
    discard: 'Do not add them',
    close: 'Close',
    added: (n: number) => (n === 0 ? 'Nothing was added.' : `${examples(n)} added.`),
    leftOut: (n: number) => `Left out: ${count(n)}`,
    saveReport: 'Save the list of everything left out (CSV)',
    firstOf: (shown: number, all: number) => `The first ${count(shown)} of ${count(all)}:`,
    place: (n: number, isTable: boolean) => (isTable ? `line ${count(n)}` : `no. ${count(n)}`),
    field: (name: string) => `field “${name}”`,
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
    drawnHere: 'Drawn here',
    generatedHere: 'Generated sample',
    filesName: (first: string, others: number) =>
      others === 0 ? first : `${first} and ${count(others)} more`,

    setsTitle: 'Data sets on this device',
    otherSets: (n: number) =>
      `${plural(n, 'other data set', 'other data sets')} on this device, made for other tasks`,
    inUse: 'Use in this run',
    rows,
    encrypted: 'encrypted',
    notEncrypted: 'not encrypted',
    addedAt: (when: string) => `added ${when}`,
    balance: (name: string) => `Examples per label in ${name}`,
    balanceOf: (label: string, n: number, share: number) => `${label}: ${count(n)} (${percent(share)})`,
    moreLabels: (n: number) => `and ${plural(n, 'more label', 'more labels')}`,
    look: 'Look at it and edit',
    lookAt: (name: string) => `Look at ${name} and edit it`,
    hide: 'Close',
    hideSet: (name: string) => `Close ${name}`,
    delete: 'Delete',
    deleteSet: (name: string) => `Delete ${name}`,
    deleteSetSure: (name: string, n: number, isEncrypted: boolean) =>
      `Delete “${name}” with its ${rows(n)} from this device? ${
        isEncrypted ? 'Its key is destroyed first, then the rows. ' : ''
      }This cannot be undone. What the model has learnt from them already stays learnt.`,
    deleteAll: 'Delete all examples',
    deleteAllSure: (sets: number, n: number) =>
      `Delete all ${plural(sets, 'data set', 'data sets')} with ${rows(n)} from this device, those of other runs too, and every key? This cannot be undone. What the model has learnt from them already stays learnt.`,
    deleteYes: 'Yes, delete',
    deleteNo: 'Keep',

    rowsOf: (name: string) => `Rows of ${name}`,
    page: (from: number, to: number, of: number) => `${count(from)}–${count(to)} of ${count(of)}`,
    previousPage: 'Previous',
    nextPage: 'Next',
    empty: 'All its rows are deleted.',
    editHint: {
      image:
        'Arrow keys move, Space selects, Shift with arrows selects several. Type a label to set it, Delete removes, Ctrl+Z takes back.',
      tabular:
        'Arrow keys move, Space selects, Shift with arrows selects several. Type a label to set it, Delete removes, Ctrl+Z takes back.',
      text: 'Arrow keys move, Space selects, Delete removes, Ctrl+Z takes back.',
    },
    setLabel: 'Set the label',
    chooseLabel: 'choose…',
    deleteRows: (n: number) => `Delete ${rows(n)}`,
    selected: (n: number) => `${rows(n)} selected`,
    row: (n: number, label: string, isHeldOut: boolean) =>
      `Row ${count(n)}, label ${label}, ${isHeldOut ? 'held out' : 'trains'}`,
    textRow: (n: number, isHeldOut: boolean) => `Row ${count(n)}, ${isHeldOut ? 'held out' : 'trains'}`,
    heldOut: 'held out',
    rowNumber: 'Row',
    label: 'Label',
    use: 'Use',
    trains: 'trains',
    labelled: (n: number, label: string) => `${rows(n)} now labelled ${label}.`,
    manyLabels: (typed: string) => `Several labels begin with “${typed}”. Choose one from the list.`,
    noLabel: (typed: string) => `No label begins with “${typed}”.`,
    rowsDeleted: (n: number) => `${rows(n)} deleted.`,
    undo: (change: VaultChange) => `Undo: ${changeWords(change)}`,
    undone: (change: VaultChange) => `Taken back: ${changeWords(change)}.`,
    nothingToUndo: 'There is nothing to take back.',
    undoKept: 'Changes can be taken back until this page is closed.',

    storageTitle: 'Storage in this browser',
    used: (usage: number, quota: number) =>
      `${bytes(usage)} used of about ${bytes(quota)} that the browser allows`,
    usageUnknown: 'This browser does not say how much is used.',
    persistence: {
      granted: 'The browser has promised not to clear it by itself.',
      'not-granted': 'The browser may clear it by itself when space runs low.',
      unknown: 'This browser does not say whether it may clear it by itself.',
    },
    askToKeep: 'Ask the browser to keep it',
    keepGranted: 'The browser agreed: it will not clear your data sets by itself.',
    keepRefused:
      'The browser did not agree. Browsers decide by themselves; a bookmark or more visits can change that. Your data sets are stored all the same.',

    rejection: (reason: RejectionReason): string => {
      switch (reason.kind) {
        case 'file-kind-unknown':
          return 'not a kind of file that this run can use';
        case 'file-too-large':
          return `larger than ${bytes(reason.limitBytes)} unpacked`;
        case 'file-unreadable':
          return 'cannot be read, damaged, or not what its name says';
        case 'archive-damaged':
          return 'a damaged, encrypted or incomplete archive; nothing of it was taken';
        case 'archive-in-archive':
          return 'an archive inside an archive; unpack it first';
        case 'archive-too-many-entries':
          return `an archive with more than ${count(reason.limit)} files; nothing of it was taken`;
        case 'archive-too-large':
          return `an archive that unpacks to more than ${bytes(reason.limitBytes)}; nothing of it was taken`;
        case 'archive-inflates-too-much':
          return `an archive that unpacks to more than ${count(reason.limit)} times its size, as zip bombs do; nothing of it was taken`;
        case 'picture-too-large':
          return `a picture of ${count(reason.width)} x ${count(reason.height)} pixels, too large to open`;
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
        case 'quote-unclosed':
          return 'a quotation mark that nothing closes';
        case 'value-missing':
          return `no value in “${reason.column}”`;
        case 'value-not-a-number':
          return `“${reason.value}” in “${reason.column}” is not a number`;
        case 'value-out-of-range':
          return `“${reason.value}” in “${reason.column}” is too large a number`;
        case 'category-unknown':
          return `“${reason.value}” is not a category of “${reason.column}”`;
        case 'text-too-short':
          return `shorter than ${count(reason.needed)} characters`;
      }
    },
    /** For counts, where the single values differ. */
    reasonKind: {
      'file-kind-unknown': 'files of an unknown kind',
      'file-too-large': 'files that are too large',
      'file-unreadable': 'files that cannot be read or are damaged',
      'kind-not-wanted': 'files of a kind that this run does not learn from',
      'archive-damaged': 'damaged archives',
      'archive-in-archive': 'archives inside an archive',
      'archive-too-many-entries': 'archives with too many files',
      'archive-too-large': 'archives that unpack to too much',
      'archive-inflates-too-much': 'archives that look like zip bombs',
      'picture-too-large': 'pictures too large to open',
      'idx-magic': 'files that are not IDX of the expected kind',
      'idx-length': 'incomplete IDX files',
      'idx-image-size': 'IDX images of another size',
      'idx-without-partner': 'IDX files without their other half',
      'idx-count-mismatch': 'IDX pairs of different lengths',
      'label-unknown': 'unknown labels',
      'label-missing': 'missing labels',
      'column-missing': 'tables without a column',
      'column-count': 'rows with too few or too many values',
      'quote-unclosed': 'unclosed quotation marks',
      'value-missing': 'missing values',
      'value-not-a-number': 'values that are not numbers',
      'value-out-of-range': 'numbers that are too large',
      'category-unknown': 'unknown categories',
      'text-too-short': 'texts that are too short',
    } satisfies Record<RejectionReason['kind'], string>,
  },
};

function changeWords({ kind, rowCount }: VaultChange): string {
  switch (kind) {
    case 'created':
    case 'added':
      return `${rows(rowCount)} added`;
    case 'relabelled':
      return `${rows(rowCount)} labelled`;
    case 'deleted':
      return `${rows(rowCount)} deleted`;
  }
}
