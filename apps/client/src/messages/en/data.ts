/** Words about the examples on this device and their import. */
import type { RejectionReason } from '../../data-import/imported.ts';
import { bytes, count, plural } from '../figures.ts';

const examples = (n: number) => plural(n, 'example', 'examples');

export const data = {
  data: {
    title: 'Your examples',
    fromBefore: 'Examples added before',
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
    drawnHere: 'Drawn here',
    generatedHere: 'Generated sample',
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
};
