/** Updates are coded here, once training is over. */
import '@tributary/participant/encoding-worker';
