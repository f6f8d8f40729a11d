import { parseManifest, type Template } from '@tributary/fl-core';
import { GROUP_OF_TEN, SECURE_SUMS } from './secure-sums.ts';

const number = (name: string, mean: number, deviation: number) =>
  ({ kind: 'number', name, mean, deviation }) as const;
const category = (name: string, values: string) =>
  ({ kind: 'category', name, categories: values.split('|') }) as const;

/**
 * The columns of the UCI Adult census table (Becker and Kohavi 1996), `?` being its mark for "unknown". Means and
 * deviations are those of its public training part: participants standardise without showing theirs.
 */
const COLUMNS = [
  number('age', 38.58, 13.64),
  category(
    'workclass',
    '?|Federal-gov|Local-gov|Never-worked|Private|Self-emp-inc|Self-emp-not-inc|State-gov|Without-pay',
  ),
  number('fnlwgt', 189778.37, 105548.36),
  category(
    'education',
    '10th|11th|12th|1st-4th|5th-6th|7th-8th|9th|Assoc-acdm|Assoc-voc|Bachelors|Doctorate|HS-grad|Masters|Preschool|Prof-school|Some-college',
  ),
  number('education-num', 10.08, 2.57),
  category(
    'marital-status',
    'Divorced|Married-AF-spouse|Married-civ-spouse|Married-spouse-absent|Never-married|Separated|Widowed',
  ),
  category(
    'occupation',
    '?|Adm-clerical|Armed-Forces|Craft-repair|Exec-managerial|Farming-fishing|Handlers-cleaners|Machine-op-inspct|Other-service|Priv-house-serv|Prof-specialty|Protective-serv|Sales|Tech-support|Transport-moving',
  ),
  category('relationship', 'Husband|Not-in-family|Other-relative|Own-child|Unmarried|Wife'),
  category('race', 'Amer-Indian-Eskimo|Asian-Pac-Islander|Black|Other|White'),
  category('sex', 'Female|Male'),
  number('capital-gain', 1077.65, 7385.18),
  number('capital-loss', 87.3, 402.95),
  number('hours-per-week', 40.44, 12.35),
  category(
    'native-country',
    '?|Cambodia|Canada|China|Columbia|Cuba|Dominican-Republic|Ecuador|El-Salvador|England|France|Germany|Greece|Guatemala|Haiti|Holand-Netherlands|Honduras|Hong|Hungary|India|Iran|Ireland|Italy|Jamaica|Japan|Laos|Mexico|Nicaragua|Outlying-US(Guam-USVI-etc)|Peru|Philippines|Poland|Portugal|Puerto-Rico|Scotland|South|Taiwan|Thailand|Trinadad&Tobago|United-States|Vietnam|Yugoslavia',
  ),
];
const INPUTS = COLUMNS.reduce(
  (width, column) => width + (column.kind === 'number' ? 1 : column.categories.length),
  0,
);

/** 108 one-hot inputs, one hidden layer of 64. */
export const incomeMlp: Template = {
  id: 'income-mlp',
  title: 'Income from census rows',
  description:
    'Tables as CSV, numbers standardised and categories one-hot; the columns of the Adult data set.',
  manifest: parseManifest({
    manifestVersion: 1,
    name: 'Income from census rows',
    description: 'Learns whether an income is above 50,000 dollars from fourteen answers of a census.',
    seed: 'income-mlp',
    model: { kind: 'mlp', inputSize: INPUTS, hidden: [64], classes: 2 },
    data: { kind: 'tabular', columns: COLUMNS, labelColumn: 'income', labels: ['<=50K', '>50K'] },
    training: { optimiser: { kind: 'sgd', learningRate: 0.05 }, epochs: 1, batchSize: 32 },
    rounds: { committedRounds: 50, ...GROUP_OF_TEN },
    aggregation: { maximumWeight: 2000, serverOptimiser: { kind: 'sgd' } },
    ...SECURE_SUMS,
  }),
};
