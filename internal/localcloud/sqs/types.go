package sqs

// The requests and answers, by the names of the API reference. The tag query
// is the name in the Query protocol where it is another one: of a list's
// items, or of a map's entries, their keys and their values.

type attributeValue struct {
	DataType    string
	StringValue *string `json:",omitempty"`
	BinaryValue []byte  `json:",omitempty"`
}

type createQueueInput struct {
	QueueName  string
	Attributes map[string]string `query:"Attribute,Name,Value"`
	Tags       map[string]string `json:"tags" query:"Tag,Key,Value"`
}

type queueNameInput struct {
	QueueName              string
	QueueOwnerAWSAccountId string //nolint:revive // the API's own name
}

type queueURLOutput struct{ QueueUrl string } //nolint:revive // the API's own name

// queueInput is for what needs nothing but a queue.
type queueInput struct{ QueueUrl string } //nolint:revive // the API's own name

type listQueuesInput struct {
	QueueNamePrefix string
	MaxResults      *int
	NextToken       string
}

type listQueuesOutput struct {
	QueueUrls []string `json:",omitempty" query:"QueueUrl"`
	NextToken string   `json:",omitempty"`
}

type listSourcesInput struct {
	queueInput
	MaxResults *int
	NextToken  string
}

type listSourcesOutput struct {
	QueueUrls []string `json:"queueUrls" query:"QueueUrl"`
	NextToken string   `json:",omitempty"`
}

type getAttributesInput struct {
	queueInput
	AttributeNames []string `query:"AttributeName"`
}

type attributesOutput struct {
	Attributes map[string]string `json:",omitempty" query:"Attribute,Name,Value"`
}

type setAttributesInput struct {
	queueInput
	Attributes map[string]string `query:"Attribute,Name,Value"`
}

type tagInput struct {
	queueInput
	Tags map[string]string `query:"Tag,Key,Value"`
}

type untagInput struct {
	queueInput
	TagKeys []string `query:"TagKey"`
}

type tagsOutput struct {
	Tags map[string]string `json:",omitempty" query:"Tag,Key,Value"`
}

// sendEntry is a message to send.
type sendEntry struct {
	Id                      string //nolint:revive // the API's own name
	MessageBody             *string
	DelaySeconds            *int
	MessageAttributes       map[string]attributeValue `query:"MessageAttribute,Name,Value"`
	MessageSystemAttributes map[string]attributeValue `query:"MessageSystemAttribute,Name,Value"`
	MessageDeduplicationId  string                    //nolint:revive // the API's own name
	MessageGroupId          string                    //nolint:revive // the API's own name
}

type sendInput struct {
	queueInput
	sendEntry
}

type sendBatchInput struct {
	queueInput
	Entries []sendEntry `query:"SendMessageBatchRequestEntry"`
}

type sent struct {
	MessageId                    string //nolint:revive // the API's own name
	MD5OfMessageBody             string
	MD5OfMessageAttributes       string `json:",omitempty"`
	MD5OfMessageSystemAttributes string `json:",omitempty"`
}

type sentEntry struct {
	Id string //nolint:revive // the API's own name
	sent
}

type failedEntry struct {
	Id          string //nolint:revive // the API's own name
	SenderFault bool
	Code        string
	Message     string
}

type sendBatchOutput struct {
	Successful []sentEntry   `query:"SendMessageBatchResultEntry"`
	Failed     []failedEntry `json:",omitempty" query:"BatchResultErrorEntry"`
}

type receiveInput struct {
	queueInput
	AttributeNames              []string `query:"AttributeName"`
	MessageSystemAttributeNames []string `query:"MessageSystemAttributeName"`
	MessageAttributeNames       []string `query:"MessageAttributeName"`
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             *int
}

type receivedMessage struct {
	MessageId              string //nolint:revive // the API's own name
	ReceiptHandle          string
	MD5OfBody              string
	Body                   string
	Attributes             map[string]string         `json:",omitempty" query:"Attribute,Name,Value"`
	MD5OfMessageAttributes string                    `json:",omitempty"`
	MessageAttributes      map[string]attributeValue `json:",omitempty" query:"MessageAttribute,Name,Value"`
}

type receiveOutput struct {
	Messages []receivedMessage `json:",omitempty" query:"Message"`

	deliveries []delivery
}

type deleteInput struct {
	queueInput
	ReceiptHandle string
}

type receiptEntry struct {
	Id                string //nolint:revive // the API's own name
	ReceiptHandle     string
	VisibilityTimeout *int
}

type deleteBatchInput struct {
	queueInput
	Entries []receiptEntry `query:"DeleteMessageBatchRequestEntry"`
}

type doneEntry struct{ Id string } //nolint:revive // the API's own name

type deleteBatchOutput struct {
	Successful []doneEntry   `query:"DeleteMessageBatchResultEntry"`
	Failed     []failedEntry `json:",omitempty" query:"BatchResultErrorEntry"`
}

type visibilityInput struct {
	queueInput
	ReceiptHandle     string
	VisibilityTimeout *int
}

type visibilityBatchInput struct {
	queueInput
	Entries []receiptEntry `query:"ChangeMessageVisibilityBatchRequestEntry"`
}

type visibilityBatchOutput struct {
	Successful []doneEntry   `query:"ChangeMessageVisibilityBatchResultEntry"`
	Failed     []failedEntry `json:",omitempty" query:"BatchResultErrorEntry"`
}

type startMoveInput struct {
	SourceArn                    string
	DestinationArn               string
	MaxNumberOfMessagesPerSecond *int
}

type taskOutput struct{ TaskHandle string }

type taskInput struct{ TaskHandle string }

type cancelMoveOutput struct{ ApproximateNumberOfMessagesMoved int }

type listMovesInput struct {
	SourceArn  string
	MaxResults *int
}

type listMovesOutput struct {
	Results []moveResult `query:"ListMessageMoveTasksResultEntry"`
}

type moveResult struct {
	TaskHandle                        string `json:",omitempty"`
	Status                            string
	SourceArn                         string
	DestinationArn                    string `json:",omitempty"`
	MaxNumberOfMessagesPerSecond      int    `json:",omitempty"`
	ApproximateNumberOfMessagesMoved  int
	ApproximateNumberOfMessagesToMove int
	FailureReason                     string `json:",omitempty"`
	StartedTimestamp                  int64  // ms since 1970
}

// empty is the answer of an operation that has none.
type empty struct{}
