package article

import "testing"

func TestLastLines(t *testing.T) {
	for line, want := range map[string]bool{
		"（完）": true, "- THE END -": true, "The End": true, "【全文完】": true,
		"预计二季度我国外贸形势将逐步向好，外贸增长将持续焕发新活力。（完）":                      false,
		"They hope to open the hall before the end of the year.": false,
		"法院判令被告立即停止侵权行为，并赔偿原告经济损失二十万元。":                          false,
		"据当地警方微信公众号通报，两名司机均无生命危险。":                               false,
		"图片来自网络，如有侵权，请联系删除。":                                     true,
		"关注公众号：老城旧事":                                             true,
		"未经授权，不得转载。":                                             true,
	} {
		if got := isLast([]byte(line)); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}
