/** Training lives here: tfjs is loaded in this worker and nowhere else. */
import '@tributary/training/worker';
