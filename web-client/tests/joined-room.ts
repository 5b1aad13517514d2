export { answerPublish, joinedRoom, offer, publishCamera } from "../testing/index.js";
