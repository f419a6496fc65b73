/** Whether the suite runs over HTTP/2: the project h2 says so. */
export const OVER_HTTP2 = process.env.HAWSER_TEST_TRANSPORT === 'h2';
