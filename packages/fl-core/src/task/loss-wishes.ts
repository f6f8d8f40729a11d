/**
 * Largest errors of a round's mean, |decoded mean - mean|^2 / |mean|^2, that go with these words. Confirmed by
 * `npm run bench compression-accuracy`.
 */
export const NO_MEASURABLE_LOSS = 0.02;
export const A_LITTLE_LOSS = 0.25;
