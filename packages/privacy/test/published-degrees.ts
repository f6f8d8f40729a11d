import type { Adversary } from '../src/secagg/harary-degree.ts';

/**
 * Degrees and thresholds that google-parfait/federated-compute expects of its finder at sigma = 40 and eta = 20, with
 * head counts rounded down (fcp/secagg/server/graph_parameter_finder_test.cc, Apache-2.0):
 * corrupt fraction, dropout fraction, adversary, then n with degree/threshold.
 */
export const PUBLISHED_DEGREES: readonly [number, number, Adversary, Readonly<Record<number, string>>][] = [
  [
    0.45,
    0.45,
    'semi-honest',
    { 1e2: '92/46', 1e3: '822/417', 1e4: '3494/1771', 1e5: '5508/2788', 1e6: '6240/3156' },
  ],
  [
    0.33,
    0.33,
    'semi-honest',
    { 10: '8/4', 1e2: '68/34', 1e3: '286/150', 1e4: '422/221', 1e5: '480/251', 1e6: '518/270' },
  ],
  [
    0.3,
    0.3,
    'semi-malicious',
    { 1e2: '92/62', 1e3: '872/584', 1e4: '4822/3230', 1e5: '9388/6286', 1e6: '11136/7454' },
  ],
  [
    0.05,
    0.33,
    'semi-honest',
    { 10: '4/2', 1e2: '28/6', 1e3: '72/24', 1e4: '86/29', 1e5: '96/32', 1e6: '102/34' },
  ],
  [
    0.05,
    0.33,
    'semi-malicious',
    { 10: '8/5', 1e2: '72/39', 1e3: '398/223', 1e4: '746/420', 1e5: '882/496', 1e6: '970/545' },
  ],
  [
    0.33,
    0.05,
    'semi-honest',
    { 10: '4/4', 1e2: '34/29', 1e3: '78/60', 1e4: '92/70', 1e5: '102/77', 1e6: '110/83' },
  ],
  [
    0.33,
    0.05,
    'semi-malicious',
    { 10: '4/4', 1e2: '42/37', 1e3: '132/109', 1e4: '178/146', 1e5: '196/160', 1e6: '212/173' },
  ],
  [
    0.05,
    0.05,
    'semi-honest',
    { 10: '2/2', 1e2: '12/6', 1e3: '30/17', 1e4: '34/20', 1e5: '36/21', 1e6: '38/22' },
  ],
  [
    0.05,
    0.05,
    'semi-malicious',
    { 10: '2/2', 1e2: '16/11', 1e3: '52/37', 1e4: '62/44', 1e5: '68/48', 1e6: '74/52' },
  ],
  [
    0.33,
    0,
    'semi-honest',
    { 10: '4/4', 1e2: '26/25', 1e3: '38/36', 1e4: '42/40', 1e5: '46/44', 1e6: '50/47' },
  ],
  [
    0.33,
    0,
    'semi-malicious',
    { 10: '4/4', 1e2: '26/26', 1e3: '38/37', 1e4: '42/41', 1e5: '46/45', 1e6: '50/49' },
  ],
  [0, 0.33, 'semi-honest', { 10: '4/2', 1e2: '26/2', 1e3: '38/2', 1e4: '42/2', 1e5: '46/2', 1e6: '50/2' }],
  [
    0,
    0.33,
    'semi-malicious',
    { 10: '8/5', 1e2: '68/35', 1e3: '228/115', 1e4: '326/164', 1e5: '372/187', 1e6: '410/206' },
  ],
  [0, 0, 'semi-honest', { 10: '2/2', 1e2: '2/2', 1e3: '2/2', 1e4: '2/2', 1e5: '2/2', 1e6: '2/2' }],
  [0, 0, 'semi-malicious', { 10: '2/2', 1e2: '2/2', 1e3: '2/2', 1e4: '2/2', 1e5: '2/2', 1e6: '2/2' }],
];
