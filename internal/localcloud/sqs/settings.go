package sqs

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxMessageSize is SQS's limit for a message and for a batch, in bytes.
const MaxMessageSize = 1 << 20

// settings are the attributes of a queue that can be set: their values as the
// client knows them, and what they mean.
type settings struct {
	values map[string]string // only what was set

	delay, retention, wait, visibility time.Duration
	maxSize                            int // bytes
	redrive                            *redrivePolicy
}

// redrivePolicy is the value of the attribute RedrivePolicy.
type redrivePolicy struct {
	TargetARN       string `json:"deadLetterTargetArn"`
	MaxReceiveCount uint32 `json:"maxReceiveCount"`
}

// numbers are the attributes that are whole numbers, with their ranges and
// defaults (SQS API Reference, SetQueueAttributes).
var numbers = map[string]struct{ min, max, usual int }{
	"DelaySeconds":                  {0, 900, 0},
	"MaximumMessageSize":            {1024, MaxMessageSize, MaxMessageSize},
	"MessageRetentionPeriod":        {60, 1209600, 345600},
	"ReceiveMessageWaitTimeSeconds": {0, 20, 0},
	"VisibilityTimeout":             {0, 43200, 30},
	"KmsDataKeyReusePeriodSeconds":  {60, 86400, 300},
}

// texts are the attributes that are kept and given back, and mean nothing
// here.
var texts = []string{"Policy", "KmsMasterKeyId", "SqsManagedSseEnabled", "RedriveAllowPolicy"}

// with gives the settings after a change. An empty value resets an attribute.
// An error is an *apiError.
func (s settings) with(changes map[string]string) (settings, error) {
	values := maps.Clone(s.values)
	if values == nil {
		values = make(map[string]string)
	}
	for name, value := range changes {
		if value == "" {
			delete(values, name)
			continue
		}
		canonical, err := checkSetting(name, value)
		if err != nil {
			return settings{}, err
		}
		values[name] = canonical
	}
	return newSettings(values), nil
}

// checkSetting gives the value in the form in which equal values are equal.
func checkSetting(name, value string) (string, error) {
	if limits, ok := numbers[name]; ok {
		n, err := strconv.Atoi(value)
		if err != nil || n < limits.min || n > limits.max {
			return "", errAttributeValue(name)
		}
		return strconv.Itoa(n), nil
	}
	switch {
	case name == "RedrivePolicy":
		return checkRedrive(value)
	case slices.Contains(texts, name):
		return value, nil
	case name == "FifoQueue" || name == "ContentBasedDeduplication" || name == "DeduplicationScope" || name == "FifoThroughputLimit":
		return "", errUnsupported("This service has standard queues only: %s can't be set.", name)
	default:
		return "", same("InvalidAttributeName", "Unknown Attribute %s.", name)
	}
}

// checkRedrive takes maxReceiveCount as a number or as a string, as SQS does.
func checkRedrive(value string) (string, error) {
	var given struct {
		TargetARN       string          `json:"deadLetterTargetArn"`
		MaxReceiveCount json.RawMessage `json:"maxReceiveCount"`
	}
	if err := json.Unmarshal([]byte(value), &given); err != nil {
		return "", errAttributeValue("RedrivePolicy")
	}
	count, err := strconv.Atoi(strings.Trim(string(given.MaxReceiveCount), `"`))
	if err != nil || count < 1 || count > 1000 || given.TargetARN == "" {
		return "", errValue("Value %s for parameter RedrivePolicy is invalid. Reason: it needs deadLetterTargetArn and a maxReceiveCount of 1 to 1000.", value)
	}
	canonical, err := json.Marshal(redrivePolicy{given.TargetARN, uint32(count)})
	return string(canonical), err
}

// newSettings reads values that were checked before.
func newSettings(values map[string]string) settings {
	s := settings{values: values}
	s.delay = s.seconds("DelaySeconds")
	s.retention = s.seconds("MessageRetentionPeriod")
	s.wait = s.seconds("ReceiveMessageWaitTimeSeconds")
	s.visibility = s.seconds("VisibilityTimeout")
	s.maxSize = s.number("MaximumMessageSize")
	if text, ok := values["RedrivePolicy"]; ok {
		var policy redrivePolicy
		if json.Unmarshal([]byte(text), &policy) == nil {
			s.redrive = &policy
		}
	}
	return s
}

func (s settings) number(name string) int {
	if n, err := strconv.Atoi(s.values[name]); err == nil {
		return n
	}
	return numbers[name].usual
}

func (s settings) seconds(name string) time.Duration {
	return time.Duration(s.number(name)) * time.Second
}

// value gives a setting as GetQueueAttributes shows it; ok is false for one
// that isn't shown.
func (s settings) value(name string) (value string, ok bool) {
	if value, ok = s.values[name]; ok {
		return value, true
	}
	switch name {
	case "KmsDataKeyReusePeriodSeconds":
		return "", false // shown with a key only
	case "SqsManagedSseEnabled":
		return "true", true // SQS's default
	}
	if limits, ok := numbers[name]; ok {
		return strconv.Itoa(limits.usual), true
	}
	return "", false
}

// differs tells whether a queue with these settings isn't what a creator asks
// for.
func (s settings) differs(asked map[string]string) (bool, error) {
	for name, value := range asked {
		canonical, err := checkSetting(name, value)
		if err != nil {
			return false, err
		}
		if has, _ := s.value(name); has != canonical {
			return true, nil
		}
	}
	return false, nil
}
