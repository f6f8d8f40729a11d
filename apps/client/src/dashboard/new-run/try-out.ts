/** Loaded behind the form: all codes, to try them out on made-up updates. */
export { compressionForecast, planByWish } from '@tributary/fl-core';
